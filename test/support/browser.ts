/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Server, Socket } from 'node:net';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { TestApp } from './app.js';
import { Rest } from './person.js';
import { ScriptedOpenAi } from './scripted-openai.js';

// Background requests of Chromium itself would only fail on a machine without a way out.
const CHROMIUM = {
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** The whole application on its own port and database, a model that answers as told, and a browser. */
export class PageLab {
  private readonly connections = new Set<Socket>();
  private isCut = false;

  private constructor(
    readonly app: TestApp,
    readonly model: ScriptedOpenAi,
    private readonly browser: Browser,
  ) {
    const server = app.app.getHttpServer() as Server;
    server.on('connection', (connection: Socket) => {
      if (this.isCut) connection.destroy();
      this.connections.add(connection);
      connection.once('close', () => this.connections.delete(connection));
    });
  }

  static async start(overrides: Readonly<Record<string, string>> = {}): Promise<PageLab> {
    const model = await ScriptedOpenAi.start();
    const settings = { OPENAI_BASE_URL: model.baseUrl, OPENAI_MODEL: 'scripted', ...overrides };
    return new PageLab(await TestApp.start(settings), model, await chromium.launch(CHROMIUM));
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.app.close();
    await this.model.stop();
  }

  /** Breaks every connection and lets none in until `mendNetwork`. */
  cutNetwork(): void {
    this.isCut = true;
    this.dropConnections();
  }

  /** Breaks every connection; new ones are let in. */
  dropConnections(): void {
    for (const connection of this.connections) connection.destroy();
  }

  mendNetwork(): void {
    this.isCut = false;
  }

  /** A browser of its own: nothing stored, nobody signed in. */
  async visitor(options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(15_000);
    const visitor = new Visitor(await context.newPage());
    await visitor.page.goto(this.app.url);
    return visitor;
  }

  /** A visitor who has an account and is signed in already. */
  async person({ name = NAME, ...options }: BrowserContextOptions & { name?: string } = {}): Promise<Visitor> {
    const email = newEmail();
    const answer = await new Rest(this.app.url).call('POST', '/auth/register', { email, password: PASSWORD, name });
    return this.signedIn(email, answer.body, options);
  }

  /** The same person in another browser. */
  async otherDeviceOf({ email }: Visitor, options: BrowserContextOptions = {}): Promise<Visitor> {
    const answer = await new Rest(this.app.url).call('POST', '/auth/login', { email, password: PASSWORD });
    return this.signedIn(email, answer.body, options);
  }

  private async signedIn(
    email: string,
    tokens: Record<string, unknown>,
    options: BrowserContextOptions,
  ): Promise<Visitor> {
    const lifeMs = Number(tokens['expiresIn']) * 1000;
    const value = JSON.stringify({ ...tokens, lifeMs, expiresAt: Date.now() + lifeMs });
    const localStorage = [{ name: 'parley.tokens', value }];
    const storageState = { cookies: [], origins: [{ origin: this.app.url, localStorage }] };
    const visitor = await this.visitor({ storageState, ...options });
    visitor.email = email;
    await visitor.greeting.waitFor();
    return visitor;
  }
}

const PASSWORD = 'correct horse battery';
const NAME = 'Ada Byron';

let people = 0;
const newEmail = (): string => `person-${process.pid}-${++people}@example.com`;

/** Somebody in front of the page. */
export class Visitor {
  /** Errors of scripts, of the console and of the content security policy. */
  readonly problems: string[] = [];
  email = newEmail();
  readonly password = PASSWORD;

  constructor(readonly page: Page) {
    this.watch(page);
  }

  get greeting() {
    return this.page.getByRole('heading', { name: /^What is on your mind/ });
  }

  get composer() {
    return this.page.getByRole('textbox', { name: 'Message', exact: true });
  }

  /** What was said, in order; folded messages are left out. */
  get messages() {
    return this.page.locator('.message-list > .message');
  }

  get lastMessage() {
    return this.messages.last();
  }

  get titles() {
    return this.page.locator('.session-row .session-title');
  }

  async signUp(): Promise<void> {
    await this.page.getByRole('button', { name: 'Create an account' }).click();
    await this.page.getByLabel('Name').fill(NAME);
    await this.fillIn(this.email, this.password);
    await this.page.getByRole('button', { name: 'Sign up' }).click();
    await this.greeting.waitFor();
  }

  async signIn(email = this.email, password = this.password): Promise<void> {
    await this.fillIn(email, password);
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  private async fillIn(email: string, password: string): Promise<void> {
    await this.page.getByLabel('Email').fill(email);
    await this.page.locator('#password').fill(password);
  }

  /** Another tab of the same browser. */
  async anotherTab(): Promise<Visitor> {
    const tab = new Visitor(await this.page.context().newPage());
    await tab.page.goto(this.page.url());
    return tab;
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** Waits until the last message is an answer that has come to its end in this state. */
  async answered(status = 'complete'): Promise<void> {
    await this.page.locator(`.message-list > .message.assistant.${status}:last-child`).waitFor();
  }

  /** Calls the REST API as this person. */
  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.page.evaluate(
      async ({ method, path, body }) => {
        const { accessToken } = JSON.parse(localStorage.getItem('parley.tokens') ?? '{}') as { accessToken: string };
        const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
        const response = await fetch(path, {
          method,
          headers,
          body: body === undefined ? undefined : JSON.stringify(body),
        });
        return (await response.json()) as T;
      },
      { method, path, body },
    );
  }

  /** Chooses from the menu behind a button. */
  async choose(menu: string | RegExp, action: string): Promise<void> {
    await this.page.getByRole('button', { name: menu }).click();
    await this.page.getByRole('menuitem', { name: action, exact: true }).click();
  }

  /** The text of the last answer, as it is shown now. */
  async answerText(): Promise<string> {
    return (await this.page.locator('.message.assistant:not(.old) .prose').last().textContent()) ?? '';
  }

  /** The id of the session that is open. */
  get sessionId(): string {
    return this.page.url().split('#/chat/')[1] ?? '';
  }

  private watch(page: Page): void {
    page.on('pageerror', (error) => this.problems.push(`script: ${error.message}`));
    page.on('console', (message) => {
      // Chromium reports every refused or unreachable request here; those are what some tests are about.
      if (message.type() === 'error' && !/Failed to load resource|WebSocket connection to/.test(message.text()))
        this.problems.push(`console: ${message.text()}`);
    });
  }
}
