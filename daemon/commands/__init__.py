"""Commands (`unbusy: …`): the answers under them.  How they are read is `daemon.model.user.command_words`."""
