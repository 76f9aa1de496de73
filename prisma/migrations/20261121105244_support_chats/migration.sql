-- CreateEnum
CREATE TYPE "SupportChatStatus" AS ENUM ('bot', 'waiting', 'in_progress', 'closed');

-- CreateEnum
CREATE TYPE "ChatPriority" AS ENUM ('low', 'medium', 'high', 'urgent');

-- CreateEnum
CREATE TYPE "ChatSource" AS ENUM ('telegram', 'website');

-- CreateEnum
CREATE TYPE "OperatorStatus" AS ENUM ('online', 'away', 'offline');

-- AlterTable
ALTER TABLE "conversations" ADD COLUMN     "context_seq" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "is_silenced" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "metadata" JSONB;

-- CreateTable
CREATE TABLE "customers" (
    "id" UUID NOT NULL,
    "telegram_chat_id" BIGINT NOT NULL,
    "telegram_id" BIGINT,
    "username" TEXT,
    "first_name" TEXT,
    "last_name" TEXT,
    "language_code" TEXT,
    "is_blocked" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "customers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "support_chats" (
    "id" UUID NOT NULL,
    "status" "SupportChatStatus" NOT NULL DEFAULT 'bot',
    "priority" "ChatPriority" NOT NULL DEFAULT 'medium',
    "source" "ChatSource" NOT NULL,
    "customer_id" UUID,
    "user_id" UUID,
    "operator_id" UUID,
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "is_pinned" BOOLEAN NOT NULL DEFAULT false,
    "escalation_reason" TEXT,
    "resolution" TEXT,
    "rating" SMALLINT,
    "customer_message_count" INTEGER NOT NULL DEFAULT 0,
    "read_count" INTEGER NOT NULL DEFAULT 0,
    "read_seq" INTEGER NOT NULL DEFAULT 0,
    "waiting_since" TIMESTAMPTZ(3),
    "escalated_at" TIMESTAMPTZ(3),
    "taken_at" TIMESTAMPTZ(3),
    "first_response_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),
    "rated_at" TIMESTAMPTZ(3),
    "sla_breached_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "support_chats_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "chat_notes" (
    "id" UUID NOT NULL,
    "chat_id" UUID NOT NULL,
    "author_id" UUID,
    "text" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "chat_notes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "canned_replies" (
    "id" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "shortcut" TEXT,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "canned_replies_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "operator_profiles" (
    "user_id" UUID NOT NULL,
    "status" "OperatorStatus" NOT NULL DEFAULT 'offline',
    "max_chats" INTEGER NOT NULL DEFAULT 5,
    "last_activity_at" TIMESTAMPTZ(3),
    "last_assigned_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "operator_profiles_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "customers_telegram_chat_id_key" ON "customers"("telegram_chat_id");

-- CreateIndex
CREATE UNIQUE INDEX "support_chats_customer_id_key" ON "support_chats"("customer_id");

-- CreateIndex
CREATE INDEX "support_chats_status_updated_at_id_idx" ON "support_chats"("status", "updated_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "support_chats_updated_at_id_idx" ON "support_chats"("updated_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "support_chats_operator_id_status_idx" ON "support_chats"("operator_id", "status");

-- CreateIndex
CREATE INDEX "support_chats_user_id_idx" ON "support_chats"("user_id");

-- CreateIndex
CREATE INDEX "support_chats_waiting_idx" ON "support_chats"("waiting_since") WHERE (status = 'waiting');

-- CreateIndex
CREATE INDEX "support_chats_unanswered_idx" ON "support_chats"("escalated_at") WHERE (first_response_at IS NULL AND sla_breached_at IS NULL AND status IN ('waiting', 'in_progress'));

-- CreateIndex
CREATE UNIQUE INDEX "support_chats_one_open_per_user" ON "support_chats"("user_id") WHERE (user_id IS NOT NULL AND status IN ('waiting', 'in_progress'));

-- CreateIndex
CREATE INDEX "chat_notes_chat_id_id_idx" ON "chat_notes"("chat_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "canned_replies_shortcut_key" ON "canned_replies"("shortcut");

-- AddForeignKey
ALTER TABLE "support_chats" ADD CONSTRAINT "support_chats_id_fkey" FOREIGN KEY ("id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "support_chats" ADD CONSTRAINT "support_chats_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "support_chats" ADD CONSTRAINT "support_chats_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "support_chats" ADD CONSTRAINT "support_chats_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "chat_notes" ADD CONSTRAINT "chat_notes_chat_id_fkey" FOREIGN KEY ("chat_id") REFERENCES "support_chats"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "operator_profiles" ADD CONSTRAINT "operator_profiles_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
