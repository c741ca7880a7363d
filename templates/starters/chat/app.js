import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

import express from 'express';
import { Server } from 'socket.io';

const longest = 1000;

export function createApp() {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.static(fileURLToPath(new URL('public', import.meta.url))));

  const server = createServer(app);
  const io = new Server(server);

  io.on('connection', (socket) => {
    socket.on('chat message', (message) => {
      if (typeof message !== 'string' || message.trim() === '') {
        return;
      }
      io.emit('chat message', message.slice(0, longest));
    });
  });

  return { server, io };
}
