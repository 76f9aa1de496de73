"""Two people in a chat room, over python-socketio: what they get is printed as one JSON object.

Arguments: the server's address, the transport, and for each person an id and an access token.
"""

import asyncio
import json
import sys

import socketio

PATIENCE = 20


class Person:
    def __init__(self, token):
        self.token = token
        self.events = []
        self.news = asyncio.Condition()
        self.client = socketio.AsyncClient(reconnection=False)
        self.client.on("*", self.hear, namespace="/chat")

    async def hear(self, event, *args):
        async with self.news:
            self.events.append([event, args[0] if args else None])
            self.news.notify_all()

    async def enter(self, url, transport):
        await self.client.connect(
            url, auth={"token": self.token}, transports=[transport], namespaces=["/chat"], wait_timeout=PATIENCE
        )
        return await self.event("connected")

    async def do(self, command, payload):
        return await self.client.call(command, payload, namespace="/chat", timeout=PATIENCE)

    async def say(self, command, payload):
        await self.client.emit(command, payload, namespace="/chat")

    async def event(self, name, fits=lambda payload: True):
        def find():
            return next((payload for event, payload in self.events if event == name and fits(payload)), None)

        async with self.news:
            await asyncio.wait_for(self.news.wait_for(lambda: find() is not None), PATIENCE)
        return find()


async def refused(url, transport):
    stranger = Person("no token")
    told = asyncio.get_running_loop().create_future()
    stranger.client.on("connect_error", lambda data: told.done() or told.set_result(data), namespace="/chat")
    # To wait here would be to wait for a connection until patience ends.
    await stranger.client.connect(
        url, auth={"token": stranger.token}, transports=[transport], namespaces=["/chat"], wait=False
    )
    data = await asyncio.wait_for(told, PATIENCE)
    await stranger.client.disconnect()
    return data


async def main(url, transport, ada_id, ada_token, bob_id, bob_token):
    ada, bob = Person(ada_token), Person(bob_token)
    report = {"refused": await refused(url, transport)}
    report["connected"] = [await ada.enter(url, transport), await bob.enter(url, transport)]

    created = await ada.do("createChatRoom", {"type": "GROUP", "name": "Tea", "participantIds": [bob_id]})
    report["created"] = created
    room = created["chatRoom"]["id"]
    report["chatRoomCreated"] = await bob.event("chatRoomCreated")
    report["joined"] = [await person.do("joinChatRoom", {"chatRoomId": room}) for person in (ada, bob)]
    report["userJoined"] = await ada.event("userJoined")

    await bob.say("typing", {"chatRoomId": room, "isTyping": True})
    report["userTyping"] = await ada.event("userTyping")
    sent = await bob.do("sendMessage", {"chatRoomId": room, "content": "Чай? 🍵", "clientMessageId": "c-1"})
    report["sent"] = sent
    report["sentAgain"] = await bob.do(
        "sendMessage", {"chatRoomId": room, "content": "Чай? 🍵", "clientMessageId": "c-1"}
    )
    message = sent["message"]["id"]
    report["newMessage"] = await ada.event("newMessage")
    report["typingEnded"] = await ada.event("userTyping", lambda payload: payload["isTyping"] is False)
    report["messageSent"] = await bob.event("messageSent")

    report["read"] = await ada.do("messageRead", {"chatRoomId": room, "messageId": message})
    report["messageRead"] = await bob.event("messageRead")
    report["edited"] = await bob.do("editMessage", {"messageId": message, "content": "Tea?"})
    report["messageUpdated"] = await ada.event("messageUpdated")
    report["deleted"] = await bob.do("deleteMessage", {"messageId": message})
    report["messageDeleted"] = await ada.event("messageDeleted")
    report["missed"] = await ada.do("sync", {"conversationId": room, "since": 0})

    report["unknown"] = await bob.do("sing", {})
    report["invalid"] = await bob.do("sendMessage", {"chatRoomId": room, "content": "", "colour": 1})
    report["absent"] = await bob.do("joinChatRoom", {"chatRoomId": "00000000-0000-7000-8000-000000000000"})
    await bob.say("joinChatRoom", {"chatRoomId": "00000000-0000-7000-8000-000000000000"})
    report["error"] = await bob.event("error")

    report["newMessages"] = [event for event, _ in ada.events].count("newMessage")
    for person in (ada, bob):
        await person.client.disconnect()
    print(json.dumps(report))


asyncio.run(main(*sys.argv[1:]))
