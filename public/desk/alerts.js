import { createStore } from '../common/store.js';
import { load, save } from '../common/storage.js';
import { setUnreadTotal } from '../common/title.js';
import { announce } from '../common/ui/announcer.js';
import { chats } from './chats.js';
import { myId } from './operators.js';
import { countsOf, onChatNews, queue } from './queue.js';
import { customerName } from './words.js';

// What calls an operator who looks elsewhere: a sound, a number in the title of the tab, words for a screen reader.

const KEY = 'parley.desk.sound';
/** Two soft tones, `[Hz, start in s]`. */
const TONES = [
  [660, 0],
  [880, 0.14],
];
/** At most one sound in this time, in ms, however many chats come in. */
const QUIET_MS = 1500;

/** `rings` counts the sounds that were called for. */
export const alerts = createStore({ isSoundOn: load(KEY, true), rings: 0 });

let audio = null;
let lastAt = -Infinity;

export function setSound(isSoundOn) {
  alerts.set({ isSoundOn });
  save(KEY, isSoundOn ? null : false);
  if (isSoundOn) play();
}

function ring() {
  if (!alerts.get().isSoundOn || performance.now() - lastAt < QUIET_MS) return;
  lastAt = performance.now();
  alerts.set(({ rings }) => ({ rings: rings + 1 }));
  play();
}

function play() {
  try {
    audio ??= new AudioContext();
    void audio.resume();
    for (const [hz, start] of TONES) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      const at = audio.currentTime + start;
      tone.frequency.value = hz;
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.35);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.4);
    }
  } catch {
    // Without a sound there is still the number in the title.
  }
}

onChatNews((chat, before) => {
  if (queue.get().status !== 'ready') return;
  if (chat.status === 'waiting' && before?.status !== 'waiting') {
    announce(`${customerName(chat.user)} waits for a human`);
    ring();
  } else if (isNewForMe(chat, before)) {
    announce(`New message of ${customerName(chat.user)}`);
    ring();
  }
});

function isNewForMe(chat, before) {
  if (chat.operator_id !== myId() || chat.status !== 'in_progress') return false;
  if (before?.status !== 'in_progress' || before.operator_id !== myId()) return false;
  const isSeen = chats.get().openId === chat.id && !document.hidden;
  return chat.unread_count > before.unread_count && !isSeen;
}

queue.subscribe((state) => {
  const { waiting, unread } = countsOf(state);
  setUnreadTotal(waiting + unread);
});
