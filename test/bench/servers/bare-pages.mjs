// A page of messages with nothing around it: the token's signature, one query by key, JSON. Prints its port.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const PAGE = `SELECT id, conversation_id AS "conversationId", seq, change_seq AS "changeSeq", role, status, sender_id AS "senderId",
  content, client_message_id AS "clientMessageId", reply_to_id AS "replyToId", created_at AS "createdAt", edited_at AS "editedAt"
  FROM messages WHERE conversation_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT 50`;

const server = createServer((request, response) => {
  const [head, body, signature] = String(request.headers.authorization).slice('Bearer '.length).split('.');
  const expected = createHmac('sha256', process.env.JWT_SECRET).update(`${head}.${body}`).digest('base64url');
  if (signature !== expected) return response.writeHead(401).end();
  const url = new URL(request.url, 'http://localhost');
  pool
    .query({ name: 'page', text: PAGE, values: [url.pathname.slice(1), url.searchParams.get('before')] })
    .then(({ rows }) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(rows.reverse()));
    })
    .catch((error) => response.writeHead(500).end(String(error)));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.on('SIGTERM', () => process.exit(0));
