"""Short forms of first names, by which colleagues write down one person in two ways."""

from typing import Final

# The short forms after each name, folded as `name_folded` does. A short form of two names belongs to the first.
_SHORT: Final = """
alexander alex sasha aleks; alexandra sandra ola; andreas andi; andrew andy drew; anthony tony; antonio toni;
barbara basia barb; benjamin ben benny; catherine katherine kathryn kate cathy kathy katie katharina katarzyna kasia;
charles charlie chuck; christina christine tina; christopher chris christoph; daniel dan danny; david dave dawid;
deborah debbie deb; edward ed eddie ted; elizabeth liz beth betty elisabeth elzbieta ela; frederick fred freddy;
gregory greg grzegorz; isabella bella; jacob jake jakub kuba; james jim jimmy jamie; jennifer jen jenny;
johannes hannes; john johnny; jonathan jon; joseph joe joey jozef; joshua josh; kenneth ken kenny; lawrence larry;
leonard leo len; magdalena magda; malgorzata gosia; margaret maggie meg peggy; matthew matt matthias; maximilian max;
michael mike mick michal; nicholas nick nicolas; patricia pat patty trish; patrick paddy; peter pete; philip phil philipp;
rebecca becky; richard rick dick rich; robert bob rob bobby robbie; ronald ron; samantha sam; samuel sammy;
stephen steven steve stefan; susan sue susanne; theodore theo; thomas tom tommy; timothy tim; tomasz tomek; victoria vicky;
vincent vince; walter walt; william bill will billy willy liam; zachary zach
"""
CANONICAL: Final = {
    short: names[0]
    for names in (line.split() for line in reversed(_SHORT.replace("\n", " ").split(";")))
    for short in names
}
