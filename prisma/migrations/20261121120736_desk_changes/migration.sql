-- AlterTable
ALTER TABLE "operator_profiles" ADD COLUMN     "is_absent" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "seen_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "desk_changes" (
    "changed_in" BIGINT NOT NULL,
    "chat_id" UUID NOT NULL,
    "base_seq" INTEGER,
    "is_changed" BOOLEAN NOT NULL,
    "former_status" "SupportChatStatus",
    "former_operator_id" UUID,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "desk_changes_pkey" PRIMARY KEY ("changed_in","chat_id")
);

-- CreateTable
CREATE TABLE "desk_log" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "kept_from" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "desk_log_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "desk_changes_chat_id_changed_in_idx" ON "desk_changes"("chat_id", "changed_in");

-- CreateIndex
CREATE INDEX "desk_changes_changed_at_idx" ON "desk_changes"("changed_at");

INSERT INTO "desk_log" ("id") VALUES (1);

-- Notes that the transaction changed a chat. What it was like before the first of its changes stays noted.
CREATE FUNCTION "note_desk_change"(chat UUID, base INTEGER, changed BOOLEAN, former "SupportChatStatus", former_operator UUID)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO desk_changes (changed_in, chat_id, base_seq, is_changed, former_status, former_operator_id)
  VALUES (pg_current_xact_id()::text::bigint, chat, base, changed, former, former_operator)
  ON CONFLICT (changed_in, chat_id) DO UPDATE
  SET base_seq = coalesce(desk_changes.base_seq, EXCLUDED.base_seq), is_changed = desk_changes.is_changed OR EXCLUDED.is_changed
$$;

CREATE FUNCTION "note_desk_words"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_desk_change(chat.id, OLD.head, false, chat.status, chat.operator_id) FROM support_chats chat WHERE chat.id = NEW.id;
  RETURN NULL;
END $$;

CREATE TRIGGER "desk_words" AFTER UPDATE ON "conversations" FOR EACH ROW
WHEN (NEW.kind <> 'room' AND NEW.head IS DISTINCT FROM OLD.head) EXECUTE FUNCTION "note_desk_words"();

CREATE FUNCTION "note_desk_chat"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM note_desk_change(NEW.id, NULL, true, NULL, NULL);
  ELSE
    PERFORM note_desk_change(OLD.id, NULL, true, OLD.status, OLD.operator_id);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER "desk_chat_came_or_went" AFTER INSERT OR DELETE ON "support_chats" FOR EACH ROW EXECUTE FUNCTION "note_desk_chat"();

CREATE TRIGGER "desk_chat_changed" AFTER UPDATE ON "support_chats" FOR EACH ROW
WHEN ((NEW.status, NEW.operator_id, NEW.priority, NEW.tags, NEW.is_pinned, NEW.escalation_reason, NEW.resolution, NEW.rating, NEW.read_seq,
       NEW.read_count, NEW.escalated_at, NEW.sla_breached_at)
      IS DISTINCT FROM
      (OLD.status, OLD.operator_id, OLD.priority, OLD.tags, OLD.is_pinned, OLD.escalation_reason, OLD.resolution, OLD.rating, OLD.read_seq,
       OLD.read_count, OLD.escalated_at, OLD.sla_breached_at))
EXECUTE FUNCTION "note_desk_chat"();

CREATE FUNCTION "note_desk_note"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_desk_change(chat.id, NULL, true, chat.status, chat.operator_id) FROM support_chats chat WHERE chat.id = NEW.chat_id;
  RETURN NULL;
END $$;

CREATE TRIGGER "desk_note" AFTER INSERT ON "chat_notes" FOR EACH ROW EXECUTE FUNCTION "note_desk_note"();

CREATE FUNCTION "note_desk_customer"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_desk_change(chat.id, NULL, true, chat.status, chat.operator_id) FROM support_chats chat WHERE chat.customer_id = NEW.id;
  RETURN NULL;
END $$;

CREATE TRIGGER "desk_customer" AFTER UPDATE ON "customers" FOR EACH ROW
WHEN ((NEW.first_name, NEW.last_name, NEW.username, NEW.is_blocked) IS DISTINCT FROM (OLD.first_name, OLD.last_name, OLD.username, OLD.is_blocked))
EXECUTE FUNCTION "note_desk_customer"();
