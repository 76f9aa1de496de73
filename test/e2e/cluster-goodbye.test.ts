import { expect, it } from '@jest/globals';
import { RedisNodeLink } from '../../src/redis/redis-node-link.js';
import { eventually } from '../support/eventually.js';
import { TwoNodes } from '../support/two-nodes.js';

it('a node that has said goodbye is not taken for a silent one, whatever it still tells', async () => {
  const nodes = await TwoNodes.start();
  try {
    const [staying, leaving] = [nodes.a.get(RedisNodeLink), nodes.b.get(RedisNodeLink)];
    const gone = leaving.beforeApplicationShutdown();
    // As when a connection closes while the node leaves.
    for (let turn = 0; turn < 50; turn++) {
      leaving.send('presence.asked', {});
      await new Promise(setImmediate);
    }
    await gone;
    await eventually(() => staying.figures.others === 0, 5_000);
    // Another node is not heard for as long as it takes to miss one.
    await expect(eventually(() => staying.figures.others > 0, 1_500)).rejects.toThrow();
  } finally {
    await nodes.close();
  }
});
