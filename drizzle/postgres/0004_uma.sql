CREATE TABLE "uma_permissions" (
	"id" text PRIMARY KEY NOT NULL,
	"authorization_id" text NOT NULL,
	"resource_id" text NOT NULL,
	"policy_id" text,
	"client_id" text NOT NULL,
	"party" text NOT NULL,
	"party_name" text NOT NULL,
	"scopes" text NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "uma_policies" (
	"id" text PRIMARY KEY NOT NULL,
	"resource_server_id" text NOT NULL,
	"user_id" text,
	"family" text NOT NULL,
	"rules" text NOT NULL,
	"version" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "uma_policy_resources" (
	"id" text PRIMARY KEY NOT NULL,
	"policy_id" text NOT NULL,
	"resource_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "uma_requests" (
	"id" text PRIMARY KEY NOT NULL,
	"resource_id" text NOT NULL,
	"user_id" text NOT NULL,
	"client_id" text NOT NULL,
	"party" text NOT NULL,
	"party_name" text NOT NULL,
	"party_user_id" text,
	"scopes" text NOT NULL,
	"state" text NOT NULL,
	"created_at" bigint NOT NULL,
	"decided_at" bigint,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "uma_resources" (
	"id" text PRIMARY KEY NOT NULL,
	"resource_server_id" text NOT NULL,
	"user_id" text,
	"family" text NOT NULL,
	"name" text NOT NULL,
	"uri" text,
	"type" text,
	"icon_uri" text,
	"description" text,
	"scopes" text NOT NULL,
	"version" bigint NOT NULL,
	"revision" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "uma_tickets" (
	"key" text PRIMARY KEY NOT NULL,
	"resource_server_id" text NOT NULL,
	"client_id" text,
	"permissions" text NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "uma_permissions_authorization_id" ON "uma_permissions" USING btree ("authorization_id");--> statement-breakpoint
CREATE INDEX "uma_permissions_resource_id" ON "uma_permissions" USING btree ("resource_id");--> statement-breakpoint
CREATE INDEX "uma_permissions_policy_id" ON "uma_permissions" USING btree ("policy_id");--> statement-breakpoint
CREATE INDEX "uma_permissions_client_id" ON "uma_permissions" USING btree ("client_id");--> statement-breakpoint
CREATE INDEX "uma_permissions_expires_at" ON "uma_permissions" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "uma_policies_resource_server_id" ON "uma_policies" USING btree ("resource_server_id","id");--> statement-breakpoint
CREATE INDEX "uma_policies_user_id" ON "uma_policies" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "uma_policy_resources_policy_id" ON "uma_policy_resources" USING btree ("policy_id");--> statement-breakpoint
CREATE INDEX "uma_policy_resources_resource_id" ON "uma_policy_resources" USING btree ("resource_id");--> statement-breakpoint
CREATE INDEX "uma_requests_user_id" ON "uma_requests" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "uma_requests_resource_id" ON "uma_requests" USING btree ("resource_id");--> statement-breakpoint
CREATE INDEX "uma_requests_client_id" ON "uma_requests" USING btree ("client_id");--> statement-breakpoint
CREATE INDEX "uma_requests_expires_at" ON "uma_requests" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "uma_resources_resource_server_id" ON "uma_resources" USING btree ("resource_server_id","id");--> statement-breakpoint
CREATE INDEX "uma_resources_user_id" ON "uma_resources" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "uma_tickets_expires_at" ON "uma_tickets" USING btree ("expires_at");