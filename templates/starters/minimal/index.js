import { createApp } from './app.js';

const port = Number(process.env.PORT || 3000);
const server = createApp();

server.listen(port, () => {
  console.log(`listening on port ${port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
