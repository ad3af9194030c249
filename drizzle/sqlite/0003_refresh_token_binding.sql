ALTER TABLE `refresh_tokens` ADD `confirmation` text;--> statement-breakpoint
ALTER TABLE `authorizations` DROP COLUMN `confirmation`;