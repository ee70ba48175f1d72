from tests.integration.publishing import Company, Speaker, World, gap_free, subject
import time

def test_smoke(world: World) -> None:
    one = Company(1)
    t=time.time()
    env = Speaker(world.agency("environment"))
    world.say([env.says("penalty", "p1", subject(one.uscc, name="Blue"))])
    print("said", time.time()-t)
    t=time.time(); totals = world.consolidate(); print(totals, time.time()-t)
    t=time.time(); print(world.relay(), time.time()-t)
    t=time.time(); print(world.hub.pull(world.recipient("procurement")), time.time()-t)
    t=time.time(); print(world.counts(), world.values("events.sanction"), time.time()-t)

def test_smoke2(world: World) -> None:
    test_smoke(world)
