import { describe, expect, it } from '@jest/globals';
import type { DeskChange } from '../../operators/desk-changes.js';
import { DeskCatchUp } from './desk-catch-up.js';
import type { DeskConnection } from './desk-connection.js';
import { tellingsOf } from './desk-telling.js';

const held = { status: 'in_progress', operatorId: 'o' } as const;
const change = (changedIn: number, baseSeq: number | null, chatId = 'a'): DeskChange => ({
  chatId,
  changedIn,
  baseSeq,
  isChanged: baseSeq === null,
  former: held,
  now: { ...held, readSeq: 0 },
});
const aConnection = () => ({ syncs: 0, isLive: true, sender: { isOpen: true } }) as unknown as DeskConnection;

describe('what is told of changes', () => {
  it('begins at the smallest number, also where later transactions took smaller ones', () => {
    const [telling] = tellingsOf([change(100, 25), change(101, 20), change(102, null), change(103, 22)]);
    expect(telling).toMatchObject({ since: 20, newSince: 20, isChanged: true });
  });

  it('says nothing of messages where none was said', () => {
    expect(tellingsOf([change(100, null)])).toMatchObject([{ since: null, newSince: null }]);
  });

  it('keeps chats apart, in the order of their last changes', () => {
    const tellings = tellingsOf([change(1, 5), change(2, 7, 'b'), change(3, 4)]);
    expect(tellings.map(({ chatId, since }) => [chatId, since])).toEqual([
      ['b', 7],
      ['a', 4],
    ]);
  });

  it('counts as new from the smallest number on, on whichever page that is', () => {
    const catchUp = new DeskCatchUp(aConnection(), 1);
    expect(catchUp.narrowed(tellingsOf([change(100, 25)]))).toMatchObject([{ since: 25, newSince: 25 }]);
    expect(catchUp.narrowed(tellingsOf([change(101, 20)]))).toMatchObject([{ since: 20, newSince: 20 }]);
    expect(catchUp.narrowed(tellingsOf([change(102, 30)]))).toMatchObject([{ since: 30, newSince: 20 }]);
  });
});
