import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import type { ChatClient } from './chat-client.js';
import { Person, Rest } from './person.js';

/** A session that somebody watches over a socket, and what was shown of its answer when. */
export interface WatchedSession {
  person: Person;
  sessionId: string;
  client: ChatClient;
  /** Every piece as it came: the whole text after it, and the time. */
  shown: { at: number; text: string }[];
  /** The ids of acknowledged messages. */
  acknowledged: string[];
}

/** Several people with several watched sessions each. */
export class Crowd {
  private constructor(
    readonly sessions: WatchedSession[],
    private readonly people: Person[],
  ) {}

  static async gather(url: string, options: { people: number; sessions: number; name: string }): Promise<Crowd> {
    const people = await Promise.all(
      Array.from({ length: options.people }, (_, index) =>
        Person.register(url, `${options.name}-${index}@example.com`, `the password of ${options.name}`),
      ),
    );
    const sessions: WatchedSession[] = [];
    for (const person of people) {
      const client = await person.socket();
      for (let index = 0; index < options.sessions; index++) {
        const sessionId = await person.session();
        await client.command('join', { sessionId });
        const session: WatchedSession = { person, sessionId, client, shown: [], acknowledged: [] };
        client.socket.on('message:stream', (event: { sessionId: string; delta: string; offset: number }) => {
          if (event.sessionId !== sessionId) return;
          const before = session.shown.at(-1)?.text ?? '';
          session.shown.push({ at: performance.now(), text: before.slice(0, event.offset) + event.delta });
        });
        sessions.push(session);
      }
    }
    return new Crowd(sessions, people);
  }

  /** Everybody asks in every session at once; resolves when all are acknowledged. */
  async ask(content: string): Promise<void> {
    await Promise.all(
      this.sessions.map(async (session) => {
        const ack = await session.client.command('message:send', { sessionId: session.sessionId, content });
        if (!ack.ok) throw new Error(`refused: ${JSON.stringify(ack.error)}`);
        session.acknowledged.push((ack['message'] as MessageResponse).id);
      }),
    );
  }

  /** Signs everybody in again at another address of the same server. */
  async moveTo(url: string): Promise<void> {
    for (const person of this.people) {
      const { body } = await new Rest(url).post<{ accessToken: string }>('/auth/login', {
        email: person.email,
        password: person.password,
      });
      person.url = url;
      person.token = body.accessToken;
    }
  }

  leave(): void {
    for (const person of this.people) person.closeSockets();
  }
}
