CREATE TABLE "challenges" (
	"id" text PRIMARY KEY NOT NULL,
	"number" bigint NOT NULL,
	"client_id" text NOT NULL,
	"redirect_uri" text NOT NULL,
	"state" text,
	"code_challenge" text,
	"code_challenge_method" text,
	"address_type" text NOT NULL,
	"address" text,
	"read_only" bigint NOT NULL,
	"addresses_left" bigint NOT NULL,
	"transmissions_left" bigint NOT NULL,
	"entries_left" bigint NOT NULL,
	"refunds_left" bigint NOT NULL,
	"pin_mac" text,
	"resend_at" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"solved_at" bigint,
	"spent_at" bigint,
	"authorization_id" text
);
--> statement-breakpoint
CREATE TABLE "counters" (
	"name" text PRIMARY KEY NOT NULL,
	"value" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "challenges_client_id" ON "challenges" USING btree ("client_id");--> statement-breakpoint
CREATE INDEX "challenges_authorization_id" ON "challenges" USING btree ("authorization_id");--> statement-breakpoint
CREATE INDEX "challenges_expires_at" ON "challenges" USING btree ("expires_at");