// Passwords that guessing programs try first. They are described, not listed: a well-known word, possibly in disguise
// (`P@ssw0rd`), possibly doubled, with up to five digits or signs behind it; and walks over the keyboard or the alphabet.

const WORDS = new Set(
  `access account adidas admin administrator airborne alexander alexandra amanda america amsterdam anderson andrea android
  angel angela angels animal anthony apple arsenal austin babygirl bailey banana barbara barcelona baseball
  basketball batman bearbear beautiful benjamin bigdaddy bigdog biteme blackcat blahblah blessed blink bonnie
  boomer boston brandon brittany bubbles budlight bullshit buster butterfly california camaro canada carlos
  caroline casper catherine celtic champion changeme chanel charles charlie charlotte cheese chelsea cherry chester
  chicago chicken chocolate chris christian christine christmas christopher cocacola coffee computer consumer cookie
  cooper corvette courtney cowboy cowboys cricket crystal dakota dallas daniel danielle david debbie default destiny
  diablo diamond discovery dolphin dolphins donald dragon eagles eclipse edward einstein elephant elizabeth eminem
  emmanuel energy enter extreme facebook falcon family fender ferrari fireball firebird fishing florida flower flowers
  football forever francesca francis freedom friend friends fucker fuckoff fuckyou function galaxy gandalf garfield
  gateway genesis george gemini giants ginger goldberg golden goldfish goodluck google gordon graham guest guitar hacker
  hallo hammer hannah happy hardcore harley hello hellokitty helpme hockey holiday hotmail house houston hunter
  iceman iloveu iloveyou internet ironman isabella jackson jaguar jasmine jeffrey jennifer jessica jesus johnny johnson
  jonathan jordan joseph joshua junior justin katherine kathleen kawasaki killer kimberly kingkong kitten knight lakers
  lasvegas laura lauren leather legend leonardo letmein liberty little liverpool london longhorn looking lovely loveme
  lover loveyou macintosh madison maggie magic manchester marina marine mariposa marlboro marley martin master matrix
  matthew maverick maximus melanie melissa mercedes merlin metallica michael michelle michigan mickey microsoft midnight
  miller minecraft money monica monkey monster morgan motorola mountain muffin murphy mustang mypass naruto nascar
  natalie natasha nathan newyork nicholas nicole ninja nintendo nirvana nothing number oliver olivia orange packers
  pantera panther parker parley partner pass passion passport passw passwd password patrick peaches peanut pepper phantom
  phoenix pink player please pokemon poohbear popcorn porsche power precious prince princess private pumpkin purple
  pussycat rachel raiders rainbow ranger rangers rebecca redskins redsox remember richard robert rocket rockstar rocky
  ronaldo root rosebud russia sabrina samantha samsung samson sandra saturn scarface scooter scorpion scorpio scotland
  sebastian secret security senha server service shadow shannon shaolin sharon shelby shopping sierra silver
  simple single skippy slayer slipknot smokey smooth snickers snoopy snowball soccer softball something sophie spanky
  sparky spider spiderman squirrel srinivas startrek starwars steelers stephanie steven stupid success sugar summer
  sunflower sunshine superman superstar support surfer swimming sydney system taylor teacher teddybear temp tennis
  teresa test tester testing testtest thailand thomas thunder thunderbird tiffany tiger tigers tigger tinkerbell titanic
  tomcat toyota trouble trustno turtle twilight tweety undertaker unicorn united universe user valentina valerie vanessa
  veronica victor victoria viking vincent virginia voodoo warcraft warrior welcome westside whatever william williams
  willow windows winner winston winter wizard wolverine wonderful wordpass xavier xxxxxx yamaha yankee yankees yellow
  yourmom zaq zxcvbn parol privet lyubov natasha marina svetlana qazwsx qweasd qweasdzxc qwerty qwertz azerty asdfgh
  asdf qwer abc abcd abcdef a b q z x aa asd qwe zxc qaz wsx abcabc abcde qwert`
    .split(/\s+/)
    .filter(Boolean),
);

/** Rows and columns of keyboards, the alphabet and the digits; read in both directions. */
const WALKS = [
  '12345678901234567890',
  '01234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop[]asdfghjkl;zxcvbnm,./',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'zaq12wsxcde34rfvbgt56yhnmju78ik',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
  '1a2s3d4f5g6h7j8k9l',
  'a1s2d3f4g5h6j7k8l9',
  '1qazxsw23edcvfr45tgbnhy67ujm',
  'qazwsxedcrfvtgbyhnujmikolp',
  'qawsedrftgyhujikolp',
  '147258369',
  '741852963',
  '789456123',
  '159753',
  '!@#$%^&*()',
  '1!2@3#4$5%6^7&8*',
  'йцукенгшщзхъфывапролджэячсмитьбю',
].flatMap((walk) => [walk, [...walk].reverse().join('')]);

const DISGUISES: Record<string, string> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
};

/** Whether a password is among the first that anybody would try, for this person in particular. */
export function isCommonPassword(password: string, email = ''): boolean {
  const text = password.toLowerCase();
  const core = once(text);
  return (
    core.length <= 2 ||
    (core.length <= 4 && core !== text) ||
    WALKS.some((walk) => walk.includes(core)) ||
    isRunOfPieces(core) ||
    isKnownWord(text) ||
    isOwnName(text, email.toLowerCase())
  );
}

/** The shortest text that `text` is a repetition of. */
function once(text: string): string {
  for (let length = 1; length <= text.length / 2; length++)
    if (text.length % length === 0 && text.slice(0, length).repeat(text.length / length) === text)
      return text.slice(0, length);
  return text;
}

/** `qwerty12345`, `abcd1234`, `123qweasd`, `aaabbb111`: nothing but short walks and repetitions. */
function isRunOfPieces(text: string): boolean {
  let rest = text;
  while (rest.length > 0) {
    const taken = Math.max(longestWalk(rest), /^(.)\1+/su.exec(rest)?.[0].length ?? 0);
    if (taken === 0) return false;
    rest = rest.slice(taken);
  }
  return true;
}

function longestWalk(text: string): number {
  for (let length = Math.min(text.length, 36); length >= 3; length--)
    if (WALKS.some((walk) => walk.includes(text.slice(0, length)))) return length;
  return 0;
}

function isKnownWord(text: string): boolean {
  return [text, undisguised(text)].some((spelling) => {
    const word = once(spelling.replace(/^[^\p{L}]{0,4}/u, '').replace(/[^\p{L}]{0,5}$/u, ''));
    return word.length >= 3 && (WORDS.has(word) || WORDS.has(undisguised(word)));
  });
}

/** Signs that stand for letters, except for those at the end, which are decoration more often. */
function undisguised(text: string): string {
  const end = /[^\p{L}]{0,5}$/u.exec(text)?.index ?? text.length;
  return [...text.slice(0, end)].map((sign) => DISGUISES[sign] ?? sign).join('') + text.slice(end);
}

function isOwnName(text: string, email: string): boolean {
  const local = email.split('@')[0] ?? '';
  return text === email || (local.length >= 4 && text.replace(/[^\p{L}]{0,5}$/u, '') === local);
}
