import { globSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { ChatClient } from '../support/chat-client.js';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { Person, Rest, type SessionBody } from '../support/person.js';

const TOKEN_TTL_S = 8;
/** What the servers grant beyond that, and what a busy machine may need. */
const TOLERANCE_S = 30;
const LIMIT_MS = 3_000;
const WORDS = Array.from({ length: 50 }, (_, index) => `word${index} `);
const PASSWORD = 'the password of everybody';

/** A process whose clock is `seconds` ahead; its monotonic one is right. */
function skewed(seconds: number): Record<string, string> {
  const [library] = globSync('/usr/lib/*/faketime/libfaketime.so.1');
  if (!library) throw new Error('libfaketime is not installed');
  return {
    LD_PRELOAD: library,
    FAKETIME: `${seconds > 0 ? '+' : ''}${seconds}s`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

describe('a node whose clock is wrong', () => {
  it.each([300, -300])(
    'by %d s changes nothing: order, leases, limits, tokens',
    async (seconds) => {
      const cluster = await Cluster.start({
        env: { ACCESS_TOKEN_TTL_S: String(TOKEN_TTL_S), AI_LEASE_MS: '2000', RATE_LIMIT_MS: String(LIMIT_MS) },
        nodeEnv: { 1: skewed(seconds) },
      });
      try {
        const [right, wrong] = [cluster.node(0).url, cluster.node(1).url];
        expect(Math.round((await clockOf(wrong)) / 10_000) * 10).toBe(seconds);

        // Tokens of either are good on both, as long as they are, and no longer.
        const people = [
          await Person.register(right, 'ada@example.com', PASSWORD),
          await Person.register(wrong, 'bob@example.com', PASSWORD),
        ] as const;
        const issuedAt = performance.now();
        const sockets = [];
        for (const person of people)
          for (const url of [right, wrong]) {
            expect((await new Rest(url, person.token).get('/auth/me')).status).toBe(200);
            sockets.push(await ChatClient.connect(url, person.token!));
          }
        // The gateways look every second.
        await sleep(1_500);
        expect(sockets.map(({ socket }) => socket.connected)).toEqual([true, true, true, true]);
        for (const socket of sockets)
          await eventually(() => !socket.socket.connected, (TOKEN_TTL_S + TOLERANCE_S) * 1_000);
        const lived = (performance.now() - issuedAt) / 1_000;
        expect(lived).toBeGreaterThan(TOKEN_TTL_S - 2);
        expect(sockets.map((socket) => socket.all('closing')[0]?.['reason'])).toEqual(Array(4).fill('token_expired'));
        for (const person of people)
          for (const url of [right, wrong])
            await eventually(
              async () => (await new Rest(url, person.token).get('/auth/me')).status === 401,
              TOLERANCE_S * 1_000,
            );

        const [ada, bob] = people;
        const signIn = async ({ email }: Person, url: string) =>
          new Rest(
            url,
            (await new Rest(url).post<{ accessToken: string }>('/auth/login', { email, password: PASSWORD })).body
              .accessToken,
          );
        const onRight = await signIn(ada, right);
        const onWrong = new Rest(wrong, onRight.token);

        // One pace on both nodes, and no longer than it says.
        cluster.model.script({ deltas: WORDS, everyMs: 100 });
        const [first, second] = [await session(onRight), await session(onWrong)];
        const askedAt = performance.now();
        expect((await ask(onWrong, first)).status).toBe(201);
        const tooSoon = await ask(onRight, second);
        expect(tooSoon.status).toBe(429);
        expect(Number(tooSoon.headers.get('retry-after'))).toBeLessThanOrEqual(LIMIT_MS / 1_000);
        await eventually(async () => (await ask(onRight, second)).status === 201, 3 * LIMIT_MS);
        expect(performance.now() - askedAt).toBeGreaterThan(LIMIT_MS - 200);

        // Newest first, whoever made it.
        const third = await session(onWrong);
        const fourth = await session(onRight);
        const list = (await onWrong.get<SessionBody[]>('/sessions')).body.map(({ id }) => id);
        expect(list.filter((id) => [third, fourth].includes(id))).toEqual([fourth, third]);

        // Neither takes the other's running answers for dead.
        const reader = await signIn(ada, right);
        for (const id of [first, second])
          await eventually(async () => {
            const answer = (await reader.get<MessageResponse[]>(`/messages/${id}`)).body.find(
              ({ role }) => role === 'assistant',
            );
            if (answer && !['streaming', 'complete'].includes(answer.status)) throw new Error(`it is ${answer.status}`);
            return answer?.status === 'complete';
          }, 30_000);
        expect(cluster.model.calls).toHaveLength(2);

        // One order for both.
        const speakers = [await signIn(ada, right), await signIn(bob, wrong)] as const;
        const made = await speakers[0].post<ChatRoomResponse>('/chat-rooms', {
          type: 'GROUP',
          participantIds: [bob.id],
        });
        const said: string[] = [];
        for (let index = 0; index < 20; index++) {
          said.push(`line ${index}`);
          const sent = await speakers[index % 2]!.post(`/chat-rooms/${made.body.id}/messages`, {
            content: `line ${index}`,
          });
          expect(sent.status).toBe(201);
        }
        const stored = (await speakers[1].get<MessageResponse[]>(`/chat-rooms/${made.body.id}/messages?limit=100`))
          .body;
        const inOrder = stored.filter(({ role }) => role === 'user').sort((one, other) => one.seq - other.seq);
        expect(inOrder.map(({ content }) => content)).toEqual(said);
        const times = inOrder.map(({ createdAt }) => new Date(createdAt).getTime());
        expect(times).toEqual([...times].sort((one, other) => one - other));
        console.info(
          `a clock ${seconds} s wrong: tokens lived ${lived.toFixed(1)} of ${TOKEN_TTL_S} s on both nodes, 0 wrong refusals, 0 inversions of 20, 0 answers taken over`,
        );
      } finally {
        await cluster.close();
      }
    },
    180_000,
  );
});

const session = async (rest: Rest): Promise<string> => (await rest.post<SessionBody>('/sessions')).body.id;

const ask = (rest: Rest, sessionId: string) => rest.post('/messages', { sessionId, role: 'user', content: 'tell me' });

/** How far a server's clock is ahead of ours, in ms. */
async function clockOf(url: string): Promise<number> {
  const { timestamp } = (await (await fetch(`${url}/health`)).json()) as { timestamp: string };
  return new Date(timestamp).getTime() - Date.now();
}
