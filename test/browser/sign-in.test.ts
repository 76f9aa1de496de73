import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PageLab, type Visitor } from '../support/browser.js';

describe('signing in on the playground page', () => {
  let lab: PageLab;
  const visitors: Visitor[] = [];

  beforeAll(async () => {
    lab = await PageLab.start();
  });

  afterAll(() => lab.stop());

  afterEach(async () => {
    for (const { page, problems } of visitors.splice(0)) {
      await page.context().close();
      expect(problems).toEqual([]);
    }
  });

  const met = (visitor: Visitor) => {
    visitors.push(visitor);
    return visitor;
  };
  const alert = ({ page }: Visitor) => page.locator('.note.error');
  const welcome = ({ page }: Visitor) => page.getByRole('heading', { name: 'Welcome back' });

  it('says that email or password is wrong, in the words of the server', async () => {
    const stranger = met(await lab.visitor());
    await stranger.signIn('nobody@example.com', 'not the password');
    await alert(stranger).waitFor();
    expect(await alert(stranger).textContent()).toBe('Email or password is wrong.');
  });

  it('shows what is wrong with a field at the field', async () => {
    const hasty = met(await lab.visitor());
    await hasty.page.getByRole('button', { name: 'Create an account' }).click();
    await hasty.page.getByLabel('Email').fill('hasty@example.com');
    await hasty.page.locator('#password').fill('short');
    await hasty.page.getByRole('button', { name: 'Sign up' }).click();
    const problem = hasty.page.locator('#password-problem');
    await problem.waitFor();
    expect(await hasty.page.locator('#password').getAttribute('aria-describedby')).toBe('password-problem');
    await hasty.page.locator('#password:focus').waitFor();
  });

  it('signs up, stays signed in over a reload, signs out, and in again', async () => {
    const ada = met(await lab.visitor());
    await ada.signUp();
    await ada.page.reload();
    await ada.greeting.waitFor();
    await ada.choose(/Account of/, 'Sign out');
    await welcome(ada).waitFor();
    expect(await ada.page.evaluate(() => Object.keys(localStorage))).toEqual([]);
    await ada.signIn();
    await ada.greeting.waitFor();
  });

  it('signs out the other tab of the same browser', async () => {
    const ada = met(await lab.person());
    const tab = await ada.anotherTab();
    await tab.greeting.waitFor();
    await ada.choose(/Account of/, 'Sign out');
    await tab.page.getByText('You have been signed out.').waitFor();
    expect(tab.problems).toEqual([]);
  });

  it('signs out everywhere: another browser is told within a second', async () => {
    const ada = met(await lab.person());
    const other = met(await lab.otherDeviceOf(ada));
    await ada.choose(/Account of/, 'Sign out everywhere');
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click();
    await ada.page.getByText('You are signed out everywhere.').waitFor();
    await other.page.getByText('You have been signed out.').waitFor({ timeout: 1000 });
  });

  it('takes the tokens of a Google sign-in from the fragment and cleans the address', async () => {
    const ada = met(await lab.person());
    const { accessToken, refreshToken } = await ada.page.evaluate(
      () => JSON.parse(localStorage.getItem('parley.tokens') ?? '{}') as Record<'accessToken' | 'refreshToken', string>,
    );
    const fresh = met(await lab.visitor());
    const fragment = new URLSearchParams({ accessToken, refreshToken, tokenType: 'Bearer', expiresIn: '900' });
    await fresh.page.goto('about:blank');
    await fresh.page.goto(`${lab.app.url}/#${fragment.toString()}`);
    await fresh.greeting.waitFor();
    expect(fresh.page.url()).not.toContain('Token');
    await fresh.page.goto('about:blank');
    await fresh.page.goto(`${lab.app.url}/#error=OAUTH_FAILED`);
    await fresh.greeting.waitFor();
    expect(fresh.page.url()).not.toContain('OAUTH');
  });

  it('offers Google only where it is set up', async () => {
    const stranger = met(await lab.visitor());
    await welcome(stranger).waitFor();
    expect(await stranger.page.getByRole('link', { name: 'Continue with Google' }).count()).toBe(0);
  });
});

describe('the playground page with short-lived access tokens', () => {
  let lab: PageLab;

  beforeAll(async () => {
    lab = await PageLab.start({
      ACCESS_TOKEN_TTL_S: '8',
      GOOGLE_CLIENT_ID: 'id',
      GOOGLE_CLIENT_SECRET: 'secret',
    });
  });

  afterAll(() => lab.stop());

  it('renews them in two tabs without a fight, and keeps the live connections', async () => {
    lab.model.script({ deltas: ['Still here'] });
    const ada = await lab.person();
    const tab = await ada.anotherTab();
    await tab.greeting.waitFor();
    await tab.page.getByRole('button', { name: 'Developer panel' }).click();
    const refreshToken = () =>
      ada.page.evaluate(
        () => (JSON.parse(localStorage.getItem('parley.tokens') ?? '{}') as { refreshToken: string }).refreshToken,
      );
    const seen = new Set([await refreshToken()]);
    while (seen.size < 3) {
      await ada.page.waitForFunction(
        (last) => !(localStorage.getItem('parley.tokens') ?? '').includes(last),
        [...seen].at(-1)!,
      );
      seen.add(await refreshToken());
    }
    const events = await tab.page.locator('.event strong').allTextContents();
    expect(events.filter((event) => event === 'connected')).toHaveLength(1);
    expect(events).toContain('auth:refresh');
    expect(await tab.page.locator('.dev-panel').textContent()).not.toContain([...seen].at(-1));
    await tab.say('Are we still connected?');
    await tab.answered();
    await ada.say('And here?');
    await ada.answered();
    expect([...ada.problems, ...tab.problems]).toEqual([]);
  });

  it('offers Google where it is set up', async () => {
    const stranger = await lab.visitor();
    const link = stranger.page.getByRole('link', { name: 'Continue with Google' });
    expect(await link.getAttribute('href')).toBe('/auth/google');
  });
});
