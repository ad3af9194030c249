ALTER TABLE "refresh_tokens" ADD COLUMN "confirmation" text;--> statement-breakpoint
ALTER TABLE "authorizations" DROP COLUMN "confirmation";