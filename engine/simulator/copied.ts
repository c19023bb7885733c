/** A control message as it comes out of a real connection: what JSON does not carry does not arrive. */
export function copied<Message extends { is: string }>(message: Message): Message {
  // Parts are JSON in the manifest anyway, and many.
  if (message.is === "acknowledge") return message;
  return JSON.parse(JSON.stringify(message)) as Message;
}
