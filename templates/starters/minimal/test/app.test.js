import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { createApp } from '../app.js';

const server = createApp();
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

test('an unknown page is not found', async () => {
  const response = await fetch(`${base}/nothing`);
  assert.equal(response.status, 404);
});
