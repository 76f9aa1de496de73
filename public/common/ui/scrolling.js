import { useEffect, useLayoutEffect, useRef, useState } from '/vendor/preact.js';
import { toastError } from './toasts.js';

/** Nearer to the end than this counts as "at the end", in px. */
const NEAR_END = 80;
/** Older pages are fetched when less than this is left above, in px. */
const NEAR_START = 500;

/**
 * Keeps the box of a conversation at its end while it is there, and in its place when older messages come in above.
 * `loadOlder` fetches the page before; `unsent` is how many messages wait to be sent: a new one leads to the end.
 */
export function useScrolling(box, { messages, hasOlder, unsent, loadOlder }) {
  const [isAtEnd, setAtEnd] = useState(true);
  const follow = useRef(true);
  const before = useRef({ firstId: null, height: 0, unsent: 0 });
  const firstId = messages[0]?.id ?? null;

  useLayoutEffect(() => {
    const element = box.current;
    const old = before.current;
    if (unsent > old.unsent) follow.current = true;
    if (old.firstId && firstId !== old.firstId && !follow.current)
      element.scrollTop += element.scrollHeight - old.height;
    else if (follow.current) element.scrollTop = element.scrollHeight;
    before.current = { firstId, height: element.scrollHeight, unsent };
  });
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (follow.current) box.current.scrollTop = box.current.scrollHeight;
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const fetchAbove = () => {
    if (hasOlder && box.current.scrollTop < NEAR_START)
      loadOlder().catch((error) => toastError(error, 'Earlier messages could not be loaded.'));
  };
  useEffect(fetchAbove, [firstId]);

  const onScroll = () => {
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    follow.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
    setAtEnd(follow.current);
    fetchAbove();
  };
  const toEnd = () => {
    follow.current = true;
    setAtEnd(true);
    box.current.scrollTop = box.current.scrollHeight;
  };
  return { isAtEnd, onScroll, toEnd };
}

/** Brings a message into view and gives it the focus, with a flash that shows which one it is. Returns whether it is there. */
export function showMessage(box, id) {
  const element = box.querySelector(`[data-message="${id}"]`);
  if (!element) return false;
  const fold = element.closest('details');
  if (fold) fold.open = true;
  element.scrollIntoView({ block: 'center' });
  element.classList.remove('sought');
  void element.offsetWidth;
  element.classList.add('sought');
  element.focus({ preventScroll: true });
  return true;
}
