import { describe, expect, it } from '@jest/globals';
import { serverEvent } from '../contract/server-events.js';
import { HeldTexts } from './held-texts.js';

describe('what a reader that is behind is told later', () => {
  it('leaves out who is typing, in sessions and in rooms', () => {
    const texts = new HeldTexts();
    expect(texts.hold(serverEvent('typing', { sessionId: 's', userId: 'u', typing: true }))).toBe(true);
    expect(texts.hold(serverEvent('userTyping', { chatRoomId: 'r', userId: 'u', isTyping: true }))).toBe(true);
    expect(texts.release()).toEqual([]);
  });

  it('is what is numbered at once', () => {
    const gone = { chatRoomId: 'r', messageId: 'm', changeSeq: 2 };
    expect(new HeldTexts().hold(serverEvent('messageDeleted', gone))).toBe(false);
  });
});
