import { beforeEach, describe, expect, it } from '@jest/globals';
import { HeardNodes } from './heard-nodes.js';

describe('HeardNodes', () => {
  let now: number;
  let nodes: HeardNodes;
  const batch = (nodeId: string, number: number, isLast = false) => nodes.take({ nodeId, number, isLast });

  beforeEach(() => {
    now = 0;
    nodes = new HeardNodes(() => now);
  });

  it('notices what never came, of each node for itself', () => {
    expect([batch('a', 1), batch('b', 1), batch('a', 2), batch('b', 3)]).toEqual(['next', 'next', 'next', 'gap']);
  });

  it('notices that it came late to a node', () => {
    expect([batch('a', 41), batch('a', 42)]).toEqual(['gap', 'next']);
  });

  it('takes nothing twice', () => {
    batch('a', 1);
    batch('a', 2);
    expect([batch('a', 1), batch('a', 2), batch('a', 3)]).toEqual(['repeated', 'repeated', 'next']);
  });

  it('misses whoever goes silent, until it is taken for dead', () => {
    batch('a', 1);
    now = 2_000;
    batch('b', 1);
    expect(nodes.areHeard(1_500)).toBe(false);
    now = 31_000;
    batch('b', 2);
    expect(nodes.forgetSilent()).toEqual(['a']);
    expect(nodes.areHeard(1_500)).toBe(true);
  });

  it('does not miss whoever said goodbye', () => {
    batch('a', 1);
    batch('a', 2, true);
    now = 5_000;
    expect(nodes.areHeard(1_500)).toBe(true);
  });
});
