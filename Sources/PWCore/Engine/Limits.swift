/// Limits of the engine, so that nothing that a stranger sends, and nothing that a peer does wrong, grows without end.
public enum EngineLimits {
  /// Connections that have answered an SCCRQ and wait for SCCCN, from addresses that the site does not name.
  public static let halfOpenConnections = 1024
  /// The same from all declared addresses together, besides those that are kept for each.
  public static let halfOpenConnectionsOfPeers = 4096
  /// The same from one address.
  public static let halfOpenConnectionsPerAddress = 32
  /// How many of these a declared address has whatever the others take.
  public static let halfOpenConnectionsKept = 4
  /// How long a half-open connection keeps its place when somebody else wants it: time for its peer to answer.
  public static let halfOpenAnswerTime = Duration.seconds(1)
  /// Control connections in being, whatever their state.
  public static let connections = 65_536
  /// Sessions of one control connection: the pseudowires that a tunnel may declare.
  public static let sessionsPerConnection = 65_535
  /// Calls of one control connection whose ICRP is not here yet: the peer's data plane makes about a thousand a second,
  /// and none may wait for its turn until its set-up time is over.
  public static let callsInProgress = 512
  /// Messages of one control connection that wait for their acknowledgement before new calls and circuit changes wait,
  /// too.
  public static let queuedMessages = 64
  /// Messages of one control connection that wait for their acknowledgement before a peer that asks for still more
  /// answers is given up.
  public static let queuedAnswers = 4096
  /// How long a report counts that the peer of a tunnel without signalling is out of reach: it is repeated as long as
  /// frames are sent that do not arrive.
  public static let staticSuspicionTime = Duration.seconds(30)
  /// How late it may be told that data has come: it is looked for every 15 seconds at least, and more often where HELLO
  /// or `liveness` needs that.
  public static let dataDelay = Duration.seconds(16)
  /// How long data alone shows that a peer is there which does not acknowledge a HELLO.
  public static let dataLiveness = Duration.seconds(20)
  /// How long a tunnel without signalling waits for the end of one that had its identifier, if that is not told before.
  public static let staticRemovalTime = Duration.seconds(30)
  /// How long a data packet counts that came from or to another port than its session's.
  public static let strayTime = Duration.seconds(60)
  /// Questions, of all connections together, to places that data comes from, in any second: the sender may be forged.
  public static let placeChallengesPerSecond = 50
  /// The least time between two such questions about one connection.
  public static let placeChallengeInterval = Duration.seconds(1)
  /// The least time between them after the connection has moved, or where the place was the same and the peer was not
  /// there.
  public static let placeChallengeRest = Duration.seconds(10)
  /// Octets of the longest such question: a HELLO with two digests fits.
  public static let placeChallengeOctets = 128
  /// How long the first ICRQ waits for the acknowledgement of SCCCN: less than a retransmission, after which the window
  /// may have room for SCCCN alone.
  public static let handshakePatience = Duration.milliseconds(500)
  /// Attempts to make one data path under another identifier, when the data plane says that an identifier is taken.
  public static let identifierAttempts = 3
  /// Refusals sent to strangers in any second.
  public static let refusalsPerSecond = 50
  /// SCCRQs from one declared address that are read in any second: checking a digest is cheap, and what is genuine must
  /// not drown in what is forged.
  public static let requestsPerSecond = 10_000
  /// SCCRQs from all other addresses that are read in any second.
  public static let strangersRequestsPerSecond = 1000
  /// SCCRQs that cannot be read of which it is found out, in any second, whether their sender is to be told: that may
  /// cost a digest for each tunnel.
  public static let undecodableRequestsPerSecond = 50
  /// Messages on connections that one end does not know any more, said or heard, that are looked into in any second:
  /// each may cost a look at every tunnel, and a digest.
  public static let lossNoticesPerSecond = 50
  /// How often a tunnel is taken from elsewhere before people are told that two peers have one identity.
  public static let remarkableTakeovers = 3
  /// After so long without a change it is not a fight.
  public static let rivalryInterval = Duration.seconds(300)
  /// Peers of one identity whose places are remembered.
  public static let rivals = 4
  /// Connections of one peer in a row that may end before they have stood for `stableTime`; before each that follows
  /// there is a pause.
  public static let shortConnections = 10
  /// The first pause, which doubles.
  public static let shortestRest = Duration.seconds(1)
  /// How often it doubles.
  public static let longestRestDoublings = 4
  /// The longest pause: the first one, doubled as often as it may be.
  public static let longestRest = shortestRest * (1 << longestRestDoublings)
  /// After so long without a connection that ended too soon, those before it do not count.
  public static let restTime = Duration.seconds(60)
  /// How often a peer is told that a connection is not known here: enough that one arrives. One that goes on all the
  /// same takes no notice of it, and may keep the connection as long as it hears anything of us.
  public static let lossNoticesPerConnection = 3
  /// Tunnels whose peers have one address that are answered for of which the secrets differ: nobody knows whose of them
  /// a message on a lost connection is, so each is answered for with its own.
  public static let lossNoticeTunnels = 4
  /// Lines of the log that strangers may cause in any second, where everything is logged.
  public static let strangersNotesPerSecond = 20
  /// How long the state of a connection that the peer has stopped is kept, to acknowledge its retransmissions: a full
  /// cycle (RFC 3931 section 3.3.2 names 31 seconds).
  public static let stoppedStateLifetime = Duration.seconds(31)
  /// How long after the set-up an SCCRQ that looks like the one which began a connection is taken for a late copy of
  /// it: a full cycle of retransmissions (RFC 3931 section 4.2), and as long again on the way.
  public static let requestCopyLifetime = Duration.seconds(62)
  /// How long a data path outlives our StopCCN that nobody acknowledges.
  public static let closingDataPathLifetime = Duration.seconds(5)
  /// How long a shutdown waits for acknowledgements.
  public static let shutdownAcknowledgementTime = Duration.seconds(3)
  /// How long a shutdown waits in all.
  public static let shutdownTime = Duration.milliseconds(4500)
  /// How long the responder of a control connection lets the initiator call first: there are peers that look every five
  /// seconds for what is to be called, and that take no part in ties when our call meets theirs.
  public static let responderCallDelay = Duration.milliseconds(5500)
  /// How long an attempt of the peer's, whose SCCRQ is answered, keeps our own from being made.
  public static let halfOpenPatience = Duration.seconds(20)
  /// How long a connection or a session must stand before what follows its end does not count as one more failure.
  public static let stableTime = Duration.seconds(30)
  /// Messages of no connection that may wait at once to hear whether they are protected: no more are sent then.
  public static let messageProtectionQuestions = 64
  /// Questions about the protection of half-open connections that may be without an answer before SCCRQs are dropped
  /// for tunnels that declare `protection`. Those that are accepted by then ask all the same: one for each place that
  /// half-open connections have.
  public static let halfOpenProtectionQuestions = 256
  /// The least time between two warnings of one tunnel without a connection that its packets are not protected, where
  /// its peer's addresses lack different things.
  public static let unprotectedInterval = Duration.seconds(60)
  /// Octets that ESP adds to a packet at most: outer header of IPv6 (40), UDP (8), ESP (8), initialisation vector (16),
  /// padding and trailer (17), integrity check value (16; RFC 4303 section 2).
  public static let espOctets = 105
  /// Retransmissions of our SCCRQ after which a peer whose own SCCRQ arrives is let through though it loses the tie.
  public static let unansweredRequests = 2
  /// How long our SCCRQ has been out, acknowledged or not, before the same: as long as two retransmissions take by
  /// default.
  public static let unansweredRequestTime = Duration.seconds(3)
  /// How long a message that was not accepted explains that our SCCRQ is not answered.
  public static let peerSignTime = Duration.seconds(120)
  /// How long SCCRQs go unanswered before the pause after a crash.
  public static let patienceAfterCrash = Duration.seconds(7)
  /// How long a pause is at most in which a peer can find out that an old connection is dead: longer than a HELLO
  /// interval as RFC 3931 section 4.4 recommends it, and four times ten seconds of repetitions.
  public static let longPause = Duration.seconds(108)
  /// How long SCCRQs go unanswered, where a connection was there before, until there is such a pause between attempts.
  public static let patienceWithoutAnswer = Duration.seconds(240)
  /// How long after a start a crash of the run before it explains that a peer does not answer.
  public static let crashMemory = Duration.seconds(600)
  /// How many ties lost in a row are nothing to be told of: while both ends start, one's attempts can meet the other's
  /// more than once.
  public static let unremarkableTies = 3
  /// The least time between two different errors of one tunnel that strangers may have caused.
  public static let strangersErrorInterval = Duration.seconds(30)
  /// How long an address of ours may be away before the connections that use it are begun anew from another one: some
  /// programs take an address away and give it back at once.
  public static let addressReturnTime = Duration.seconds(2)
  /// Unanswered retransmissions after which a connection ends that its peer is said to know nothing of.
  public static let doubtedRetransmissions = 2
  /// Failures to reach a peer, ICMP messages among them, that are looked into in any second.
  public static let unreachableNotesPerSecond = 50
  /// The least time between two lines about a connection of which a router says that it passes smaller packets only.
  public static let narrownessInterval = Duration.seconds(600)
  /// Changes of forwarding that people are told of in any second: a peer may report its circuit up and down as it
  /// likes.
  public static let forwardingNotesPerSecond = 100
  /// Lines about one pseudowire, or of one kind about one tunnel, that are told in `toldLinesInterval`; the others are
  /// summed up: ten changes of a peer's circuit are twice as many lines.
  public static let toldLines: UInt8 = 20
  /// How long lines count together, and how often they are summed up.
  public static let toldLinesInterval = Duration.seconds(60)
  /// The least time between two different refused calls of one peer that people are told of.
  public static let refusedCallInterval = Duration.seconds(1)
  /// Refused calls of a tunnel that are remembered, so that each is told of once.
  public static let rememberedRefusals = 16
  /// The least time between two resolutions of a peer's name that its SCCRQs ask for.
  public static let resolutionInterval = Duration.seconds(5)
  /// Packets lost of a thousand from which on people are told.
  public static let reportedLossPermille = 10
  /// Packets lost of a thousand below which they are told that it is over; less than the other, so that it is not told
  /// all the time.
  public static let endedLossPermille = 5
  /// Packets, lost ones included, below which a sample says nothing: of so many, 1% is ten.
  public static let lossSamplePackets: UInt64 = 1000
  /// Samples with more loss than a site declares to be too much, one after the other, that end a session.
  public static let congestedSamples = 3
  /// How long a session that ended so is not called for, and calls for it are refused.
  public static let congestionPause = Duration.seconds(60)
  /// How long a plugin may take to answer before the session that it was asked about ends.
  public static let answerTime = Duration.seconds(15)
  /// The least time between two looks through the questions that have no answer.
  public static let consultationInterval = Duration.seconds(1)
  /// Data packets without our cookie, and none with it, after which a peer is taken for one that knows no cookies.
  public static let cookielessPackets: UInt64 = 10
  /// How long after the end of such a session the next call waits: time for the peer to take the old one down.
  public static let cookielessCallDelay = Duration.seconds(1)
  /// How long after the set-up, or while something else is under way, the probing of a path waits.
  public static let pathProbeDelay = Duration.seconds(1)
  /// Probes of one search. Nine are enough for usual paths.
  public static let pathProbes = 24
  /// The least time that a probe's answer is waited for; else it is three round trips.
  public static let shortestPathProbeTime = Duration.milliseconds(150)
  /// The most time that it is waited for.
  public static let longestPathProbeTime = Duration.seconds(1)
  /// How long it is listened before a question of a proof, at most, in waits for an answer.
  public static let longestListening = 7
  /// How long at most, however long an answer is waited for: our own messages come into longer silences.
  public static let longestSilence = Duration.milliseconds(3_500)
  /// Messages of ours that may come into the silences of one proof.
  public static let brokenSilences = 24
  /// Messages of ours that may come between the questions of one search.
  public static let pathProbeInterruptions = 8
  /// How long a search that ran out of probes waits before it is made again.
  public static let pathProbePause = Duration.seconds(60)
  /// Searches without any answer after which a peer is taken for one that acknowledges no repetition.
  public static let silentPathSearches = 3
  /// How long one without any answer waits before it is made again.
  public static let silentPathPause = Duration.seconds(5)
  /// How often a path is probed again: it may change where neither end sees it (RFC 4821 section 7.7 has ten minutes).
  public static let pathProbeInterval = Duration.seconds(600)
  /// Connections in a row that may end when a long message was out, before no more are sent.
  public static let endsAtLongMessages = 2
  /// The MTU of a path that nobody has measured, in octets.
  public static let presumedPathMTUOctets = 1500
}
