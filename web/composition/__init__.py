"""How the service is put together: `web.app` reads the settings and hands them to these."""
