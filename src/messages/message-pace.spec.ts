import { describe, expect, it } from '@jest/globals';
import { AppConfig } from '../config/app-config.js';
import { MessagePace } from './message-pace.js';

const aPace = (ms: string) => new MessagePace(AppConfig.from({ NODE_ENV: 'test', RATE_LIMIT_MS: ms }));

describe('MessagePace', () => {
  it('keeps the messages of one person apart and leaves others alone', () => {
    const pace = aPace('3000');
    pace.admit('a', '1', 0);
    pace.admit('b', '1', 10);
    expect(() => pace.admit('a', '2', 1000)).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED', retryAfterSeconds: 2 }),
    );
    pace.admit('a', '3', 3000);
  });

  it('does not move the window for a refused message', () => {
    const pace = aPace('3000');
    pace.admit('a', '1', 0);
    expect(() => pace.admit('a', '2', 2900)).toThrow();
    pace.admit('a', '3', 3000);
  });

  it('admits a twin of the last message, and takes an admission back', () => {
    const pace = aPace('3000');
    pace.admit('a', '1', 0);
    pace.admit('a', '1', 1);
    const takeBack = pace.admit('a', '2', 4000);
    takeBack();
    pace.admit('a', '3', 4001);
  });
});
