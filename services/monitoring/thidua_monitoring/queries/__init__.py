"""SQL of the monitoring service, one function per statement."""
