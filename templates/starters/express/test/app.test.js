import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { app } from '../app.js';

const server = createServer(app);
let base;

before(async () => {
  server.listen(0);
  await once(server, 'listening');
  base = `http://127.0.0.1:${server.address().port}`;
});

after(() => {
  server.close();
  server.closeAllConnections();
});

test('the front page greets', async () => {
  const response = await fetch(`${base}/`);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /Hello/);
});

test('the health check answers', async () => {
  const response = await fetch(`${base}/healthz`);
  assert.deepEqual(await response.json(), { ok: true });
});

test('JSON comes back as it was sent', async () => {
  const response = await fetch(`${base}/echo`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Zoë' }),
  });
  assert.deepEqual(await response.json(), { echo: { name: 'Zoë' } });
});

test('an unknown page is not found', async () => {
  const response = await fetch(`${base}/nothing`);
  assert.equal(response.status, 404);
});
