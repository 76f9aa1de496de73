import { Prisma } from '../prisma/generated/client.js';

/** The columns of a `SupportChatRecord`, from `support_chats s`. */
export const CHAT_COLUMNS = Prisma.sql`
  s.id, s.status::text AS status, s.priority::text AS priority, s.source::text AS source,
  s.customer_id AS "customerId", s.user_id AS "userId", s.operator_id AS "operatorId", s.tags, s.is_pinned AS "isPinned",
  s.escalation_reason AS "escalationReason", s.resolution, s.rating, s.read_seq AS "readSeq",
  greatest(0, s.customer_message_count - s.read_count) AS "unreadCount",
  s.waiting_since AS "waitingSince", s.escalated_at AS "escalatedAt", s.taken_at AS "takenAt",
  s.first_response_at AS "firstResponseAt", s.closed_at AS "closedAt", s.sla_breached_at AS "slaBreachedAt",
  s.created_at AS "createdAt", s.updated_at AS "updatedAt"`;

/** How many chats an operator holds. */
export const heldBy = (operatorId: Prisma.Sql): Prisma.Sql => Prisma.sql`
  (SELECT count(*)::int FROM support_chats held WHERE held.operator_id = ${operatorId} AND held.status = 'in_progress')`;
