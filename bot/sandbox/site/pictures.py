"""The articles' pictures: landscapes by first light, drawn from the headline, so that each article has its own."""

from hashlib import sha256

from bot.sandbox.site.articles import Article
from bot.sandbox.site.markup import Markup, el, join, void

WIDTH, HEIGHT = 1200, 630
RIDGES = 3
STEPS = 8
"""Points of a ridge."""


def picture(article: Article) -> str:
    """The picture as SVG."""
    dice = sha256(article.story.headline.encode()).digest()
    hue = dice[0] * 360 // 256
    sky = el(
        "linearGradient",
        void("stop", offset="0", stop_color=f"hsl({hue} 45% 62%)"),
        void("stop", offset="1", stop_color=f"hsl({hue + 45} 85% 84%)"),
        id="sky",
        x1="0",
        y1="0",
        x2="0",
        y2="1",
    )
    sun = void("circle", cx=str(200 + dice[1] * 3), cy=str(170 + dice[2] // 2), r="70", fill=f"hsl({hue + 60} 95% 92%)")
    everything = void("rect", width=str(WIDTH), height=str(HEIGHT), fill="url(#sky)")
    ridges = join(*(_ridge(number, hue, dice[3 + number * STEPS :]) for number in range(RIDGES)))
    return el(
        "svg", el("defs", sky), everything, sun, ridges,
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {HEIGHT}", width=str(WIDTH), height=str(HEIGHT),
    )  # fmt: skip


def _ridge(number: int, hue: int, dice: bytes) -> Markup:
    """A ridge, the darker the nearer."""
    level = HEIGHT * (5 + 2 * number) // 12
    heights = [level - die * (RIDGES + 1 - number) // 5 for die in dice[:STEPS]]
    points = [(at * WIDTH // (STEPS - 1), height) for at, height in enumerate(heights)]
    corners = [(0, HEIGHT), *points, (WIDTH, HEIGHT)]
    shape = " ".join(f"{x},{y}" for x, y in corners)
    return void("polygon", points=shape, fill=f"hsl({hue - 15} 32% {46 - 13 * number}%)")
