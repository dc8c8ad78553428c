"""The newsroom's pages: what the bot does and brings, for the editors whose chats ADMIN_CHAT_IDS names.

Each page is data, ``Page``, made from the store; one template shows any of them, and each of its tables is a CSV, too.
They need no JavaScript. An editor asks the bot for a link, which works once and opens a session.
"""
