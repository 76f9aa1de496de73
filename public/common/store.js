import { useLayoutEffect, useRef, useState } from '/vendor/preact.js';

/** A piece of state that views listen to. `set` takes a patch or a function of the present state that returns one. */
export function createStore(initial) {
  let state = initial;
  const listeners = new Set();
  return {
    get: () => state,
    set(patch) {
      const change = typeof patch === 'function' ? patch(state) : patch;
      if (!change) return;
      state = { ...state, ...change };
      for (const listener of [...listeners]) listener(state);
    },
    /** Returns the function that ends the subscription. */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const whole = (state) => state;

/** Renders the component again whenever what `select` picks from the store is another value. */
export function useStore(store, select = whole) {
  const selected = select(store.get());
  const seen = useRef(selected);
  const pick = useRef(select);
  const [, redraw] = useState(0);
  seen.current = selected;
  pick.current = select;
  useLayoutEffect(() => {
    const look = () => {
      const next = pick.current(store.get());
      if (!Object.is(next, seen.current)) redraw((count) => count + 1);
    };
    look();
    return store.subscribe(look);
  }, [store]);
  return selected;
}
