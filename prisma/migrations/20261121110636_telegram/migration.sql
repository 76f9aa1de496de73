-- CreateEnum
CREATE TYPE "TelegramUpdateState" AS ENUM ('done', 'ignored', 'dead');

-- CreateEnum
CREATE TYPE "OutgoingState" AS ENUM ('queued', 'sending', 'sent', 'failed', 'unknown');

-- CreateTable
CREATE TABLE "telegram_updates" (
    "update_id" BIGINT NOT NULL,
    "chat_id" BIGINT,
    "kind" TEXT NOT NULL,
    "state" "TelegramUpdateState" NOT NULL,
    "error" TEXT,
    "payload" JSONB,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "telegram_updates_pkey" PRIMARY KEY ("update_id")
);

-- CreateTable
CREATE TABLE "telegram_outgoing" (
    "id" BIGSERIAL NOT NULL,
    "conversation_id" UUID NOT NULL,
    "message_id" UUID NOT NULL,
    "part" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "entities" JSONB NOT NULL,
    "buttons" JSONB,
    "state" "OutgoingState" NOT NULL DEFAULT 'queued',
    "claim_id" UUID,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "repeats" INTEGER NOT NULL DEFAULT 0,
    "not_before" TIMESTAMPTZ(3),
    "error" TEXT,
    "telegram_message_id" BIGINT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "telegram_outgoing_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "telegram_previews" (
    "message_id" UUID NOT NULL,
    "telegram_message_id" BIGINT NOT NULL,

    CONSTRAINT "telegram_previews_pkey" PRIMARY KEY ("message_id")
);

-- CreateIndex
CREATE INDEX "telegram_updates_received_at_idx" ON "telegram_updates"("received_at");

-- CreateIndex
CREATE INDEX "telegram_outgoing_lane_idx" ON "telegram_outgoing"("conversation_id", "id") WHERE (ended_at IS NULL);

-- CreateIndex
CREATE UNIQUE INDEX "telegram_outgoing_message_id_part_key" ON "telegram_outgoing"("message_id", "part");

-- AddForeignKey
ALTER TABLE "telegram_outgoing" ADD CONSTRAINT "telegram_outgoing_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "telegram_outgoing" ADD CONSTRAINT "telegram_outgoing_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "telegram_previews" ADD CONSTRAINT "telegram_previews_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;
