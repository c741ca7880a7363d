const socket = io();

const status = document.getElementById('status');
const messages = document.getElementById('messages');
const form = document.getElementById('form');
const input = document.getElementById('message');

socket.on('connect', () => {
  status.textContent = 'connected';
});

socket.on('disconnect', () => {
  status.textContent = 'reconnecting…';
});

socket.on('chat message', (message) => {
  const item = document.createElement('li');
  item.textContent = message;
  messages.append(item);
  item.scrollIntoView();
});

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const message = input.value.trim();
  if (message !== '') {
    socket.emit('chat message', message);
    input.value = '';
  }
});
