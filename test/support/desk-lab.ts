/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { BrowserContextOptions, Locator } from 'playwright-core';
import { PageLab, Visitor } from './browser.js';
import { Desk, type DeskCustomer } from './desk.js';

type OperatorRole = 'operator' | 'senior_operator' | 'admin';

/** An application with a desk, and operators in front of its page. */
export class DeskLab {
  private people = 0;

  private constructor(
    readonly lab: PageLab,
    readonly desk: Desk,
  ) {}

  static async start(overrides: Readonly<Record<string, string>> = {}): Promise<DeskLab> {
    const lab = await PageLab.start({ ...Desk.settings, ...overrides });
    return new DeskLab(lab, await Desk.of(lab.app));
  }

  stop(): Promise<void> {
    return this.lab.stop();
  }

  /** An account of an operator who has not signed in yet. */
  async account(role: OperatorRole = 'operator', name = `Operator ${++this.people}`): Promise<Account> {
    const number = ++this.people;
    const account = { email: `desk${number}@example.com`, password: `a long password of desk ${number}`, name };
    const { status, body } = await this.desk.admin.post('/api/operators', { ...account, role, maxChats: 20 });
    if (status !== 201) throw new Error(`The operator could not be made: ${JSON.stringify(body)}`);
    return account;
  }

  /** The page without anybody signed in. */
  async visitor(options: BrowserContextOptions = {}): Promise<DeskVisitor> {
    const { page, problems } = await this.lab.visitor(options);
    await page.goto(`${this.lab.app.url}/desk`);
    return new DeskVisitor(page, problems);
  }

  /** Somebody who has just signed in at the desk. */
  async operator(
    role: OperatorRole = 'operator',
    name?: string,
    options?: BrowserContextOptions,
  ): Promise<DeskVisitor> {
    const visitor = await this.visitor(options);
    await visitor.enter(await this.account(role, name));
    return visitor;
  }

  /** A customer who waits for a human. */
  async waiting(firstName: string, words = 'talk to a human'): Promise<DeskCustomer> {
    const customer = await this.desk.customer({ firstName });
    await customer.say(words);
    return customer;
  }
}

export interface Account {
  email: string;
  password: string;
  name: string;
}

/** Somebody in front of the page of the desk. */
export class DeskVisitor extends Visitor {
  constructor(page: Visitor['page'], problems: string[]) {
    super(page);
    Object.assign(this, { problems });
  }

  async enter({ email, password }: Account): Promise<void> {
    await this.signIn(email, password);
    await this.page.getByRole('complementary', { name: 'Queue' }).waitFor();
    await this.page.locator('.queue-list[aria-busy=false]').waitFor();
  }

  get field(): Locator {
    return this.page.locator('#composer');
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** The place of a chat in the queue. */
  row(chatId: string): Locator {
    return this.page.locator(`.chat-row[data-chat="${chatId}"]`);
  }

  tab(name: 'Waiting' | 'Mine' | 'All'): Locator {
    return this.page.getByRole('group', { name: 'Which chats' }).getByRole('button', { name: new RegExp(`^${name}`) });
  }

  /** A stored message by its whole text. */
  said(text: string): Locator {
    return this.page
      .locator('.chat-message:not(.unsent)')
      .filter({ has: this.page.locator('.bubble').getByText(text, { exact: true }) });
  }

  get state(): Locator {
    return this.page.locator('.state-bar');
  }

  /** Opens a chat out of the queue and waits until it is read. */
  async open(chatId: string): Promise<void> {
    await this.row(chatId).getByRole('link').click();
    await this.page.locator('.chat-messages[data-ready=true]').waitFor();
  }

  /** Takes the open chat and waits until it can be answered in. */
  async take(): Promise<void> {
    await this.button('Take this chat').click();
    await this.button('Reply').waitFor();
  }

  async reply(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press('Enter');
  }
}
