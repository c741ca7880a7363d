import { createServer } from 'node:http';

import { app } from './app.js';

const port = Number(process.env.PORT || 3000);
const server = createServer(app);

server.listen(port, () => {
  console.log(`listening on port ${port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
