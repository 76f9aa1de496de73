import { useEffect, useState } from '/vendor/preact.js';

/** Whole seconds left until a moment (ms since the epoch); counts down to 0. */
export function useSecondsUntil(moment) {
  const [now, setNow] = useState(Date.now());
  const left = Math.max(0, Math.ceil((moment - now) / 1000));
  useEffect(() => {
    setNow(Date.now());
    if (moment <= Date.now()) return undefined;
    const timer = setInterval(() => {
      setNow(Date.now());
      if (moment <= Date.now()) clearInterval(timer);
    }, 200);
    return () => clearInterval(timer);
  }, [moment]);
  return moment > now ? left : 0;
}
