CREATE TABLE `challenges` (
	`id` text PRIMARY KEY NOT NULL,
	`number` integer NOT NULL,
	`client_id` text NOT NULL,
	`redirect_uri` text NOT NULL,
	`state` text,
	`code_challenge` text,
	`code_challenge_method` text,
	`address_type` text NOT NULL,
	`address` text,
	`read_only` integer NOT NULL,
	`addresses_left` integer NOT NULL,
	`transmissions_left` integer NOT NULL,
	`entries_left` integer NOT NULL,
	`refunds_left` integer NOT NULL,
	`pin_mac` text,
	`resend_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`solved_at` integer,
	`spent_at` integer,
	`authorization_id` text
);
--> statement-breakpoint
CREATE INDEX `challenges_client_id` ON `challenges` (`client_id`);--> statement-breakpoint
CREATE INDEX `challenges_authorization_id` ON `challenges` (`authorization_id`);--> statement-breakpoint
CREATE INDEX `challenges_expires_at` ON `challenges` (`expires_at`);--> statement-breakpoint
CREATE TABLE `counters` (
	`name` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
);
