import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { InboxRepository } from '../../src/telegram/inbox.repository.js';
import { DeskLab, type DeskVisitor } from '../support/desk-lab.js';
import { audit, overflow, smallTargets } from '../support/page-audit.js';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe('the administration of the desk', () => {
  let lab: DeskLab;
  const visitors: DeskVisitor[] = [];

  beforeAll(async () => {
    lab = await DeskLab.start();
  });

  afterAll(() => lab.stop());

  afterEach(async () => {
    for (const { page, problems } of visitors.splice(0)) {
      await page.context().close();
      expect(problems).toEqual([]);
    }
  });

  const operator = async (...how: Parameters<DeskLab['operator']>) => {
    const visitor = await lab.operator(...how);
    visitors.push(visitor);
    return visitor;
  };
  const shoot = async ({ page }: DeskVisitor, name: string) => {
    const folder = process.env['SCREENSHOTS'];
    if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
  };

  it('makes an operator, changes and disables one', async () => {
    const grace = await operator('admin', 'Grace Hopper', { viewport: { width: 1440, height: 900 } });
    await grace.choose('Account of Grace Hopper', 'Administration');
    await grace.page.getByRole('heading', { name: 'Administration' }).waitFor();
    await grace.button('New operator').click();
    const dialog = grace.page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Ada Lovelace');
    await dialog.getByLabel('Email').fill('ada.lovelace@example.com');
    await dialog.getByLabel('Password', { exact: false }).first().fill('short');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByRole('alert').waitFor();
    await shoot(grace, 'admin-form');
    await dialog.getByLabel('Password', { exact: false }).first().fill('a long password of ada');
    await dialog.getByLabel('Role').selectOption('senior_operator');
    await dialog.getByLabel('Chats at once').fill('7');
    await dialog.getByRole('button', { name: 'Create' }).click();
    const row = grace.page.locator('.staff li', { hasText: 'Ada Lovelace' });
    await row.getByText('0 of 7 chats').waitFor();
    await row.getByText('Senior operator').waitFor();
    const ada = await lab.visitor();
    await ada.enter({ email: 'ada.lovelace@example.com', password: 'a long password of ada', name: 'Ada' });
    await ada.page.context().close();

    await grace.button('Change Ada Lovelace').click();
    await dialog.getByLabel('Role').selectOption('operator');
    await dialog.getByLabel('Chats at once').fill('3');
    await dialog.getByLabel('May sign in').uncheck();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row.getByText('Disabled').waitFor();
    await row.getByText('0 of 3 chats').waitFor();
    await shoot(grace, 'admin-operators');
    const refused = await lab.desk.admin.post('/api/auth/login', {
      email: 'ada.lovelace@example.com',
      password: 'a long password of ada',
    });
    expect(refused.status).toBe(401);
  });

  it('shows who did what, and leads to the chat', async () => {
    const customer = await lab.waiting('Alan');
    const grace = await operator('admin', 'Grace Audit');
    await grace.open(customer.chatId);
    await grace.take();
    await grace.page.evaluate(() => (location.hash = '#/admin/audit'));
    const log = grace.page.getByRole('list', { name: 'Audit log' });
    await log.getByRole('listitem').filter({ hasText: 'took' }).getByText('chat.taken').waitFor();
    await shoot(grace, 'admin-audit');
    await grace.page.getByLabel('Whose doings').selectOption({ label: 'Grace Audit' });
    await grace.page.waitForFunction(() =>
      [...document.querySelectorAll('.entries li strong')].every(({ textContent }) => textContent?.trim() === 'You'),
    );
    await log.getByRole('link', { name: 'a chat' }).first().click();
    await grace.page.locator('.chat-messages[data-ready=true]').waitFor();
  });

  it('tries updates of Telegram again that were put aside', async () => {
    const entry = { updateId: 4711, chatId: 42, kind: 'message', state: 'dead' as const };
    const person = { id: 42, is_bot: false, first_name: 'Alan' };
    const message = { message_id: 1, date: 1, from: person, chat: { id: 42, type: 'private' }, text: '/start' };
    await lab.lab.app.get(InboxRepository).bury(entry, { update_id: 4711, message }, 'Error: it was our mistake');
    const grace = await operator('admin', 'Grace Letters');
    await grace.page.evaluate(() => (location.hash = '#/admin/telegram'));
    await grace.page.getByText('Error: it was our mistake').waitFor();
    await grace.page.getByText('What Telegram sent').click();
    await shoot(grace, 'admin-letters');
    await grace.button('Try again update 4711').click();
    await grace.page.getByText('Nothing was put aside.', { exact: false }).waitFor();
  });

  it('is closed to operators', async () => {
    const other = await operator('senior_operator', 'Sam Senior');
    await other.button('Account of Sam Senior').click();
    await other.page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
    expect(await other.page.getByRole('menuitem', { name: 'Administration' }).count()).toBe(0);
    await other.page.evaluate(() => (location.hash = '#/admin'));
    await other.page.getByText('This is for admins.').waitFor();
  });

  it.each([
    ['on a desk', {}],
    ['on a phone', PHONE],
  ])('has names, headings, room and large enough controls %s', async (where, options) => {
    const grace = await operator('admin', undefined, options);
    for (const [part, sign] of [
      ['operators', '.staff li'],
      ['audit', '.entries li'],
      ['telegram', '.list-note'],
    ] as const) {
      await grace.page.evaluate((hash) => (location.hash = hash), `#/admin/${part}`);
      await grace.page.locator(`.admin ${sign}`).first().waitFor();
      await shoot(grace, `admin-${part}-${where.replaceAll(' ', '-')}`);
      expect(await audit(grace.page)).toEqual([]);
      expect(await overflow(grace.page)).toBe(0);
      expect(await smallTargets(grace.page)).toEqual([]);
    }
  });
});
