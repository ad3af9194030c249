CREATE TABLE "client_origins" (
	"id" text PRIMARY KEY NOT NULL,
	"client_id" text NOT NULL,
	"origin" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "confirmation_codes" (
	"id" text PRIMARY KEY NOT NULL,
	"code_mac" text NOT NULL,
	"user_id" text,
	"attempts_left" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "consents" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"client_id" text NOT NULL,
	"scope" text NOT NULL,
	"resource" text NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "interactions" (
	"id" text PRIMARY KEY NOT NULL,
	"browser_hash" text NOT NULL,
	"request" text NOT NULL,
	"facts" text NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"ended_at" bigint
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"hash" text NOT NULL,
	"user_id" text NOT NULL,
	"auth_time" bigint NOT NULL,
	"amr" text NOT NULL,
	"device" text NOT NULL,
	"created_at" bigint NOT NULL,
	"last_seen_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "authorizations" ADD COLUMN "claims" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "registration_token_hash" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "second_factor" text;--> statement-breakpoint
CREATE INDEX "client_origins_client_id" ON "client_origins" USING btree ("client_id");--> statement-breakpoint
CREATE INDEX "client_origins_origin" ON "client_origins" USING btree ("origin");--> statement-breakpoint
CREATE INDEX "confirmation_codes_expires_at" ON "confirmation_codes" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "consents_user_id" ON "consents" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "consents_client_id" ON "consents" USING btree ("client_id");--> statement-breakpoint
CREATE INDEX "interactions_expires_at" ON "interactions" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "sessions_hash" ON "sessions" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "sessions_user_id" ON "sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "sessions_expires_at" ON "sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "authorizations_session_id" ON "authorizations" USING btree ("session_id");