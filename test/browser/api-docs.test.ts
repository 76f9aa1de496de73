import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PageLab } from '../support/browser.js';

describe('the API documentation page', () => {
  let lab: PageLab;

  beforeAll(async () => {
    lab = await PageLab.start();
  });

  afterAll(() => lab.stop());

  it('shows every group of routes and lets one be tried, under its content security policy', async () => {
    const { page, problems } = await lab.visitor();
    await page.goto(`${lab.app.url}/docs`);
    await page.locator('#operations-auth-register').waitFor();
    expect(await page.locator('.opblock-tag').count()).toBeGreaterThan(8);
    const health = page.locator('#operations-operations-getHealth');
    await health.locator('.opblock-summary-control').click();
    await health.getByRole('button', { name: 'Try it out' }).click();
    await health.getByRole('button', { name: 'Execute' }).click();
    await health.locator('.live-responses-table').waitFor();
    expect(await health.locator('.live-responses-table').innerText()).toContain('"status": "ok"');
    expect(problems).toEqual([]);
    await page.context().close();
  });
});
