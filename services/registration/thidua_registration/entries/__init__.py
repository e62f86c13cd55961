"""What clients send: models of requests and of import rows, which name units and people by their codes."""
