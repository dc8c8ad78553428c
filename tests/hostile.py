"""Texts of feeds and readers that have broken bots: markup, long and wide ones, other directions, marks upon marks."""

RIGHT_TO_LEFT = 'الجيش السوداني يتقدم في "دارفور" (123) <b>'
ZALGO = "Z" + "".join(map(chr, range(0x300, 0x340))) + "algo"
OVERRIDES = "\u202egnp.exe\u202c \u2067\u2066\u202d\u200f never closed \u2069\u2069\u2069"
HOSTILE = (
    '<b>bold</b> & <a href="x">"quoted"</a> &amp; &lt; </b>',
    "*under_score* [link](http://x) `code` ~~~ || {braces} {0} {topic} %s %(x)s",
    RIGHT_TO_LEFT,
    ZALGO,
    OVERRIDES,
    "👨\u200d👩\u200d👧\u200d👦🏳️\u200d🌈🇿🇦" * 30,
    "W" * 5000,
    "word " * 1000,
    "line\nfeeds\r\nand\ttabs\x0bof all\u2028kinds\u2029",
    "/follow@sandbox_bot #tag @name https://news.example/?a=1&b=2",
)
