import { html, useEffect, useState } from '/vendor/preact.js';
import { useMedia } from '../../common/media.js';
import { load, save } from '../../common/storage.js';
import { useStore } from '../../common/store.js';
import { setTitle } from '../../common/title.js';
import { chats, openChat } from '../chats.js';
import { operators } from '../operators.js';
import { queue } from '../queue.js';
import { rightsOn } from '../queue-rules.js';
import { QUEUE_ADDRESS } from '../route.js';
import { customerName } from '../words.js';
import { Card } from './card.js';
import { ChatHeader } from './chat-header.js';
import { ChatState } from './chat-state.js';
import { Composer } from './composer.js';
import { Timeline } from './timeline.js';

const CARD_KEY = 'parley.desk.card';

/** One chat: what was said, what can be done, and beside it who the customer is. */
export function ChatPane({ chatId }) {
  const chat = useStore(queue, ({ byId }) => byId[chatId]);
  const log = useStore(chats, ({ logs }) => logs[chatId]);
  const me = useStore(operators, (state) => state.me);
  const isWide = useMedia('(min-width: 1180px)');
  const [wantsCard, setCard] = useState(() => load(CARD_KEY, true));
  const [isOver, setOver] = useState(false);
  const isCardOpen = isWide ? wantsCard : isOver;
  const toggleCard = () => {
    if (!isWide) return setOver(!isOver);
    save(CARD_KEY, wantsCard ? false : null);
    setCard(!wantsCard);
  };
  useEffect(() => setTitle(chat ? customerName(chat.user) : 'Chat'), [chat?.user]);

  if (log?.status === 'failed') return html`<${Failed} problem=${log.problem} chatId=${chatId} />`;
  const rights = chat ? rightsOn(chat, me) : null;
  return html`
    <div class="chat">
      <div class="chat-talk" inert=${isOver && !isWide}>
        <${ChatHeader} chat=${chat} rights=${rights} isCardOpen=${isCardOpen} toggleCard=${toggleCard} />
        <${Timeline} key=${chatId} chatId=${chatId} chat=${chat} log=${log} />
        <div class="below">
          <${ChatState}
            chat=${chat}
            chatId=${chatId}
            rights=${rights}
            isOutOfSight=${!chat && log?.status === 'ready'}
          />
          ${chat && html`<${Composer} key=${chatId} chat=${chat} log=${log} rights=${rights} />`}
        </div>
      </div>
      ${isCardOpen && chat && html`<${Card} chat=${chat} isOver=${!isWide} onClose=${toggleCard} />`}
    </div>
  `;
}

function Failed({ problem, chatId }) {
  const isGone = problem.code === 'CHAT_NOT_FOUND';
  useEffect(() => setTitle('Chat'), []);
  return html`
    <div class="pane-note" role="alert">
      <h1>${isGone ? 'This chat is not yours to see' : 'This chat could not be opened'}</h1>
      <p>${isGone ? 'Somebody else has it, or it does not exist.' : problem.message}</p>
      <p class="refused-ways">
        <a class="button" href=${QUEUE_ADDRESS}>Back to the queue</a>
        ${!isGone && html`<button type="button" class="button primary" onClick=${() => openChat(chatId)}>Try again</button>`}
      </p>
    </div>
  `;
}
