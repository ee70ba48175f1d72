"""HTTP. `app` assembles the routers, one module per resource; `problems` holds every error. Home of FastAPI.

Nothing here knows Kafka or PostgreSQL: what is served is given to the factory.
"""
