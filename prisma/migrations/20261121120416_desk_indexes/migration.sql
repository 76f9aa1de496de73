-- DropIndex
DROP INDEX "support_chats_updated_at_id_idx";

-- CreateIndex
CREATE INDEX "support_chats_is_pinned_updated_at_id_idx" ON "support_chats"("is_pinned" DESC, "updated_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "support_chats_stats_idx" ON "support_chats"("status", "operator_id", "escalated_at", "first_response_at", "closed_at", "rating", "sla_breached_at");
