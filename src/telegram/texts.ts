/** What the bot itself says to customers. */
export interface BotTexts {
  welcome: string;
  welcomeBack: string;
  callHuman: string;
  humanCalled: string;
  backToBot: string;
  humanIsHere: string;
  forgotten: string;
  answerFailed: string;
  closed: string;
  rate: string;
  thanks: string;
  alreadyRated: string;
  unknownButton: string;
  commands: Readonly<Record<'start' | 'operator' | 'bot' | 'reset', string>>;
}

const ENGLISH: BotTexts = {
  welcome: 'Hello! Write your question, and the assistant answers at once. A person is one button away.',
  welcomeBack: 'Good to see you again. What can we do for you?',
  callHuman: 'Call a person',
  humanCalled: 'A person will answer you here. You can go on writing meanwhile.',
  backToBot: 'The assistant is here again. Write /operator to call a person.',
  humanIsHere: 'A person is with you at the moment; the assistant comes back when this is done.',
  forgotten: 'We start afresh: the assistant does not read what was said before.',
  answerFailed: 'The assistant could not answer. Please try again in a moment, or write /operator to call a person.',
  closed: 'This conversation was closed. Just write when there is something else.',
  rate: 'How did we do?',
  thanks: 'Thank you!',
  alreadyRated: 'There is nothing to rate at the moment.',
  unknownButton: 'This button is not in use any more.',
  commands: {
    start: 'Begin',
    operator: 'Call a person',
    bot: 'Back to the assistant',
    reset: 'Start afresh',
  },
};

const RUSSIAN: BotTexts = {
  welcome: 'Здравствуйте! Напишите вопрос, ассистент ответит сразу. Человека можно позвать одной кнопкой.',
  welcomeBack: 'Рады видеть вас снова. Чем можем помочь?',
  callHuman: 'Позвать человека',
  humanCalled: 'Вам ответит человек. Пока можно писать дальше.',
  backToBot: 'Снова отвечает ассистент. Чтобы позвать человека, напишите /operator.',
  humanIsHere: 'Сейчас с вами человек; ассистент вернётся, когда разговор закончится.',
  forgotten: 'Начинаем сначала: прежние сообщения ассистент больше не читает.',
  answerFailed: 'Ассистент не смог ответить. Попробуйте чуть позже или напишите /operator, чтобы позвать человека.',
  closed: 'Обращение закрыто. Если появится что-то ещё, просто напишите.',
  rate: 'Оцените, пожалуйста, нашу помощь.',
  thanks: 'Спасибо!',
  alreadyRated: 'Сейчас оценивать нечего.',
  unknownButton: 'Эта кнопка больше не действует.',
  commands: {
    start: 'Начать',
    operator: 'Позвать человека',
    bot: 'Вернуться к ассистенту',
    reset: 'Начать сначала',
  },
};

/** The texts in the language of a customer, English when it is not ours. */
export function textsFor(languageCode: string | null | undefined): BotTexts {
  return /^(ru|be|uk|kk)\b/i.test(languageCode ?? '') ? RUSSIAN : ENGLISH;
}
