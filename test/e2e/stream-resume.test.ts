import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp } from '../support/app.js';
import type { Person } from '../support/person.js';

describe('a stream that is resumed where it ended', () => {
  let app: TestApp;
  let person: Person;

  beforeAll(async () => {
    app = await TestApp.start();
    person = await app.person();
  });

  afterAll(() => app.close());

  it('says at once that nothing is left, so that browsers do not come again', async () => {
    const path = `/sse/sessions/${await person.session()}/stream?prompt=Hi`;
    for (let round = 0; round < 5; round++) {
      const { body } = await person.get<string>(path);
      const lastId = [...body.matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? '';
      expect((await person.get(path, { 'last-event-id': lastId })).status).toBe(204);
    }
  });
});
